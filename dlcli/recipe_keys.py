"""The keys of a recipe in words: what each takes, its default, what it is for.

Errors, comments, completion and the documentation all say the same, because
they all read it here, from the JSON Schema of a recipe.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dlcli import yaml_source


@dataclass(frozen=True)
class Key:
    """One key of a recipe.

    Args:
        name: the dotted key, such as `training.epochs`.
        expected: what it takes, such as "a whole number, at least 1".
        default: the default as YAML, or None where the key is required.
        description: what it is for.
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


def expected_at(schema: dict[str, Any], location: tuple[str | int, ...]) -> str:
    """What is expected at a place in a recipe, such as ("preprocessing", "image_size", 0)."""
    node = schema
    for part in location:
        node = _target(node, schema)
        if isinstance(part, str):
            node = node["properties"][part]
        else:
            node = node["prefixItems"][part] if "prefixItems" in node else node["items"]
    return _expected(node, schema)


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
