"""Overrides of a recipe as they are typed: valid YAML, quoted for the shell."""

from __future__ import annotations

import shlex
from typing import Any


def typed(key: str, value: Any) -> str:
    """An override that can be pasted into a shell, and is read as this very value.

    Args:
        key: dotted, such as "data.exclude".
        value: None, a boolean, a number, text, or a list of them.
    """
    from dlcli.recipe import yaml_source

    return shlex.quote(f"{key}={yaml_source.write(value)}")
