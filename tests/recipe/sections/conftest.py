"""A value of one key of a section, given to the section and to its JSON schema."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import jsonschema
import pydantic
import pytest


@pytest.fixture
def takes() -> Callable[..., None]:
    """Assert which values a key takes, and that the JSON schema of its section agrees."""

    def check(section: Any, key: str, accepted: Sequence[Any], refused: Sequence[Any]) -> None:
        schema = jsonschema.Draft202012Validator(section.model_json_schema())
        for value in accepted:
            section.model_validate_json(json.dumps({key: value}))
            assert schema.is_valid({key: value}), value
        for value in refused:
            with pytest.raises(pydantic.ValidationError, match=key):
                section.model_validate_json(json.dumps({key: value}))
            assert not schema.is_valid({key: value}), value

    return check
