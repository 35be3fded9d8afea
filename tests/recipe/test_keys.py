"""Keys in words, out of a JSON Schema."""

import pytest

from dlcli.recipe import keys

SCHEMA = {
    "properties": {
        "task": {"const": "t", "type": "string"},
        "data": {"$ref": "#/$defs/Data"},
    },
    "required": ["task"],
    "$defs": {
        "Data": {
            "required": ["path"],
            "properties": {
                "path": {"type": "string", "description": "Where it is."},
                "share": {"type": "number", "default": 0.1},
                "mode": {
                    "default": "auto",
                    "anyOf": [{"type": "boolean"}, {"const": "auto", "type": "string"}],
                },
                "size": {
                    "default": [1, 2],
                    "type": "array",
                    "minItems": 2,
                    "maxItems": 2,
                    "prefixItems": [{"type": "integer", "minimum": 1}, {"type": "integer"}],
                },
                "names": {
                    "default": None,
                    "anyOf": [
                        {"type": "array", "items": {"type": "string"}},
                        {"type": "null"},
                    ],
                },
            },
        }
    },
}


def test_every_key_is_described_in_the_order_of_the_schema():
    assert keys.describe(SCHEMA) == [
        keys.Key("task", "t", None, "", ("t",)),
        keys.Key("data.path", "text", None, "Where it is.", ()),
        keys.Key("data.share", "a number", "0.1", "", ()),
        keys.Key("data.mode", "true or false, or auto", "auto", "", ("true", "false", "auto")),
        keys.Key("data.size", "a list of 2, each a whole number, at least 1", "[1, 2]", "", ()),
        keys.Key("data.names", "a list, each text, or null", "null", "", ()),
    ]


@pytest.mark.parametrize(
    ("location", "part", "expected"),
    [
        (("data",), ("data",), "a section with keys of its own"),
        (("data", "size", 1), ("data", "size", 1), "a whole number"),
        (("data", "names", 3), ("data", "names", 3), "text"),
        # pydantic goes on with the type that it tried, which is no part of the recipe
        (("data", "mode", "bool"), ("data", "mode"), "true or false, or auto"),
        (("data", "names", "tuple[str, ...]"), ("data", "names"), "a list, each text, or null"),
    ],
)
def test_what_is_expected_at_a_place(location, part, expected):
    schema = {**SCHEMA, "$defs": {"Data": {**SCHEMA["$defs"]["Data"], "type": "object"}}}
    assert keys.described_part(schema, location) == (part, expected)


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({}, "a number"),
        ({"minimum": 1}, "a number, at least 1"),
        ({"maximum": 9}, "a number, at most 9"),
        ({"minimum": 1, "maximum": 9}, "a number from 1 to 9"),
        ({"exclusiveMinimum": 0}, "a number, more than 0"),
        ({"minimum": 0, "exclusiveMaximum": 1}, "a number, at least 0 and less than 1"),
        ({"exclusiveMinimum": 0, "maximum": 1}, "a number, more than 0 and at most 1"),
    ],
)
def test_limits_of_a_number(limits, expected):
    schema = {"properties": {"x": {"type": "number", **limits}}, "required": ["x"]}
    assert keys.describe(schema)[0].expected == expected


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({}, "a list, each text"),
        ({"minItems": 1}, "a list of at least 1, each text"),
        ({"maxItems": 3}, "a list of at most 3, each text"),
        ({"minItems": 1, "maxItems": 3}, "a list of at least 1 and at most 3, each text"),
        ({"minItems": 3, "maxItems": 3}, "a list of 3, each text"),
    ],
)
def test_limits_of_a_list(limits, expected):
    entry = {"type": "array", "items": {"type": "string"}, **limits}
    schema = {"properties": {"x": entry}, "required": ["x"]}
    assert keys.describe(schema)[0].expected == expected
