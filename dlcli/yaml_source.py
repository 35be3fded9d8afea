"""YAML as recipes use it: strict, small, and every key with its line.

PyYAML follows YAML 1.1, where `1e-3` is a string, `no` is false and a repeated
key silently wins. This reader follows the YAML 1.2 core schema
(https://yaml.org/spec/1.2.2/#103-core-schema) and refuses repeated keys and
aliases.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from dlcli.errors import RecipeError

MAX_CHARACTERS = 1_000_000


@dataclass(frozen=True)
class YamlSource:
    """A document with the line of each of its keys.

    Args:
        value: the document as plain Python values.
        lines: dotted key -> line, counted from 1.
    """

    value: Any
    lines: dict[str, int] = field(default_factory=dict)


class _CoreSchemaLoader(yaml.SafeLoader):
    yaml_implicit_resolvers: dict[str, Any] = {}


def _resolve(tag: str, pattern: str, first: str) -> None:
    _CoreSchemaLoader.add_implicit_resolver(
        f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), list(first)
    )


_resolve("null", r"~|null|Null|NULL|", "~nN")
_CoreSchemaLoader.yaml_implicit_resolvers[""] = [("tag:yaml.org,2002:null", re.compile("^$"))]
_resolve("bool", r"true|True|TRUE|false|False|FALSE", "tTfF")
_resolve("int", r"[-+]?[0-9]+", "-+0123456789")
_resolve(
    "float",
    r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
    "-+.0123456789",
)
# PyYAML's own integer reader takes 010 for octal; YAML 1.2 does not.
_CoreSchemaLoader.add_constructor(
    "tag:yaml.org,2002:int", lambda loader, node: int(loader.construct_scalar(node))
)


def read(text: str, origin: str) -> YamlSource:
    """Read one YAML document.

    Args:
        text: the document.
        origin: what to call it in an error, such as a file name.

    Raises:
        RecipeError: it is not YAML, too large, repeats a key or uses an alias.
    """
    if len(text) > MAX_CHARACTERS:
        raise RecipeError(
            f"{origin} has {len(text):,} characters; a recipe has at most {MAX_CHARACTERS:,}."
        )
    loader = _CoreSchemaLoader(text)
    lines: dict[str, int] = {}
    try:
        node = loader.get_single_node()
        if node is None:
            return YamlSource(None)
        _collect_lines(node, "", lines, origin, seen=set())
        return YamlSource(loader.construct_document(node), lines)
    except RecursionError:
        raise RecipeError(f"{origin} is nested too deeply to be a recipe.") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise RecipeError(
            f"{origin}{where} is not valid YAML: {problem}.",
            "Check the indentation, the colons and the quotes at that line.",
        ) from None
    finally:
        loader.dispose()


def _collect_lines(
    node: yaml.Node, key: str, lines: dict[str, int], origin: str, seen: set[int]
) -> None:
    if id(node) in seen:
        raise RecipeError(
            f"{origin} line {node.start_mark.line + 1} uses a YAML alias (*name); "
            "a recipe holds none.",
            "Write the value out.",
        )
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        first_lines: dict[str, int] = {}
        for key_node, value_node in node.value:
            name = str(key_node.value)
            line = key_node.start_mark.line + 1
            dotted = f"{key}.{name}" if key else name
            if name in first_lines:
                raise RecipeError(
                    f"{origin} gives {dotted} twice, in line {first_lines[name]} and line {line}.",
                    "Remove one of them.",
                )
            first_lines[name] = line
            lines[dotted] = line
            _collect_lines(value_node, dotted, lines, origin, seen)
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            dotted = f"{key}[{index}]"
            lines[dotted] = item.start_mark.line + 1
            _collect_lines(item, dotted, lines, origin, seen)
