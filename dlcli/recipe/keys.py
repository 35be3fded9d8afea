"""The keys of a recipe in words: what each takes, its default, what it is for.

Errors, comments, completion and the documentation all say the same, because
they all read it here, from the JSON Schema of a recipe.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dlcli.recipe import yaml_source


@dataclass(frozen=True)
class Key:
    """One key of a recipe.

    Args:
        name: the dotted key, such as `training.epochs`.
        expected: what it takes, such as "a whole number, at least 1".
        default: the default as YAML, or None where the key is required.
        values: the values it takes as YAML, when they can be counted, else ().
    """

    name: str
    expected: str
    default: str | None
    description: str
    values: tuple[str, ...]


def describe(schema: dict[str, Any]) -> list[Key]:
    """Every key of a recipe, in the order of the schema; sections are told of by their keys.

    Args:
        schema: the JSON Schema of the recipes of one task and one model family.
    """
    keys: list[Key] = []
    for name, entry in schema["properties"].items():
        section = _target(entry, schema)
        if "properties" in section:
            required = section.get("required", [])
            keys += [
                _key(f"{name}.{key}", inner, key in required, schema)
                for key, inner in section["properties"].items()
            ]
        else:
            keys.append(_key(name, entry, name in schema["required"], schema))
    return keys


def described_part(
    schema: dict[str, Any], location: tuple[str | int, ...]
) -> tuple[tuple[str | int, ...], str]:
    """What is expected at a place in a recipe, such as ("preprocessing", "image_size", 0).

    Args:
        schema: the JSON Schema of the recipes of one task and one model family.
        location: as pydantic gives it: where a value may be of several types, it goes on with
            the name of the type that was tried.

    Returns:
        The part of the location that is in a recipe, and what is expected there.
    """
    node = schema
    for index, part in enumerate(location):
        inner = _inner(_target(node, schema), part, schema)
        if inner is None:
            return location[:index], _expected(node, schema)
        node = inner
    return location, _expected(node, schema)


def _inner(node: dict[str, Any], part: str | int, schema: dict[str, Any]) -> Any:
    """The node of a key or an item, or None where there is none."""
    choices = [_target(choice, schema) for choice in node.get("anyOf", [node])]
    for choice in choices:
        if isinstance(part, str) and part in choice.get("properties", {}):
            return choice["properties"][part]
        if isinstance(part, int) and "prefixItems" in choice:
            return choice["prefixItems"][part]
        if isinstance(part, int) and "items" in choice:
            return choice["items"]
    return None


def _key(name: str, entry: dict[str, Any], required: bool, schema: dict[str, Any]) -> Key:
    return Key(
        name,
        expected=_expected(entry, schema),
        default=None if required else yaml_source.write(entry["default"]),
        description=entry.get("description", ""),
        values=tuple(yaml_source.write(value) for value in _values(entry)),
    )


def _values(entry: dict[str, Any]) -> list[Any]:
    if "anyOf" in entry:
        return [value for choice in entry["anyOf"] for value in _values(choice)]
    if entry.get("type") == "boolean":
        return [True, False]
    return entry.get("enum") or ([entry["const"]] if "const" in entry else [])


def _expected(node: dict[str, Any], schema: dict[str, Any]) -> str:
    node = _target(node, schema)
    if "anyOf" in node:
        return ", or ".join(_expected(choice, schema) for choice in node["anyOf"])
    if "const" in node:
        return str(node["const"])
    if "enum" in node:
        return f"one of: {', '.join(map(str, node['enum']))}"
    if node["type"] == "array":
        item = node["prefixItems"][0] if "prefixItems" in node else node["items"]
        return f"a list{_length(node)}, each {_expected(item, schema)}"
    if node.get("maxLength") == 1:
        return "one character"
    return _NAMES[node["type"]] + _range(node)


_NAMES = {
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "string": "text",
    "null": "null",
    "object": "a section with keys of its own",
}


def _range(node: dict[str, Any]) -> str:
    if "minimum" in node and "maximum" in node:
        return f" from {node['minimum']} to {node['maximum']}"
    bounds = [
        f"{words} {node[name]}"
        for name, words in (
            ("minimum", "at least"),
            ("exclusiveMinimum", "more than"),
            ("maximum", "at most"),
            ("exclusiveMaximum", "less than"),
        )
        if name in node
    ]
    return f", {' and '.join(bounds)}" if bounds else ""


def _length(node: dict[str, Any]) -> str:
    low, high = node.get("minItems"), node.get("maxItems")
    if low is not None and low == high:
        return f" of {low}"
    bounds = [
        f"{words} {n}" for words, n in (("at least", low), ("at most", high)) if n is not None
    ]
    return f" of {' and '.join(bounds)}" if bounds else ""


def _target(node: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """Follow a `$ref` to the definition it names."""
    if "$ref" not in node:
        return node
    definition: dict[str, Any] = schema["$defs"][node["$ref"].removeprefix("#/$defs/")]
    return definition
