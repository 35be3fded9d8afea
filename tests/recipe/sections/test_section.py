"""What holds for every section of every kind of data, those of kinds to come among them."""

from __future__ import annotations

import importlib
import json
import pkgutil

import jsonschema
import pydantic
import pytest

from dlcli.recipe import sections
from dlcli.recipe.sections.section import MISSING_VALUES, Section

SECTIONS = {
    f"{module.name}.{name}": value
    for module in pkgutil.iter_modules(sections.__path__)
    for name, value in vars(importlib.import_module(f"{sections.__name__}.{module.name}")).items()
    if isinstance(value, type) and issubclass(value, Section) and value is not Section
    if value.__module__.endswith(f".{module.name}")
}
every_section = pytest.mark.parametrize("section", SECTIONS.values(), ids=SECTIONS)


def test_the_sections_are_found():
    assert {"image.Augmentation", "table.Data", "text.Embedding", "training.Training"} <= {
        *SECTIONS
    }


@every_section
def test_a_section_without_keys_is_complete_and_is_written_and_read_unchanged(section):
    defaults = section()
    assert section.model_validate_json(defaults.model_dump_json()) == defaults


@every_section
def test_the_json_schema_describes_every_key_takes_its_defaults_and_no_other_key(section):
    schema = section.model_json_schema()
    defaults = json.loads(section().model_dump_json())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(defaults, schema)
    with pytest.raises(jsonschema.ValidationError, match="'no_such_key' was unexpected"):
        jsonschema.validate({"no_such_key": 1}, schema)
    assert schema["properties"].keys() == defaults.keys()
    for key, told in schema["properties"].items():
        assert told["default"] == defaults[key], key
        assert told["description"].endswith("."), key
    assert section.__doc__.endswith(".")


@every_section
def test_an_unknown_key_is_refused(section):
    with pytest.raises(pydantic.ValidationError, match="Extra inputs are not permitted"):
        section(no_such_key=1)


@every_section
def test_a_section_cannot_be_changed(section):
    made = section()
    key = next(iter(type(made).model_fields))
    with pytest.raises(pydantic.ValidationError, match="frozen"):
        setattr(made, key, getattr(made, key))


@every_section
def test_numbers_are_not_taken_from_text_and_stay_within_their_bounds(section):
    """The bounds that the JSON schema states are those that are kept, on both sides."""
    for key, told in section.model_json_schema()["properties"].items():
        if told.get("type") not in ("integer", "number"):
            continue
        for bound, beyond in (
            ("minimum", -1),
            ("maximum", 1),
            ("exclusiveMinimum", 0),
            ("exclusiveMaximum", 0),
        ):
            if bound in told:
                with pytest.raises(pydantic.ValidationError, match=key):
                    section(**{key: told[bound] + beyond})
                if beyond:
                    assert getattr(section(**{key: told[bound]}), key) == told[bound]
        for wrong in ("1", True, float("nan"), float("inf")):
            with pytest.raises(pydantic.ValidationError, match=key):
                section(**{key: wrong})


def test_cells_that_mean_that_there_is_no_value():
    assert MISSING_VALUES == ("", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "?")
