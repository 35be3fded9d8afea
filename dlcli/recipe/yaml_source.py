"""YAML as recipes use it: strict, small, and every key with its line.

PyYAML follows YAML 1.1, where `1e-3` is a string, `no` is false and a repeated
key silently wins. This reader takes null, booleans, decimal numbers and text as
the YAML 1.2 core schema does (https://yaml.org/spec/1.2.2/#103-core-schema), and
refuses repeated keys, keys that are not text, aliases, tags, deep nesting and
whole numbers of more than 64 bits.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from dlcli.errors import RecipeError

MAX_CHARACTERS = 1_000_000
MAX_DEPTH = 20

_TAG = "tag:yaml.org,2002:"


@dataclass(frozen=True)
class YamlSource:
    """A document with the line of each of its keys.

    Args:
        value: the document as plain Python values: None, bool, int, float, str, list, dict.
        lines: dotted key -> line, counted from 1.
    """

    value: Any
    lines: dict[str, int] = field(default_factory=dict)


class _CoreSchemaLoader(yaml.SafeLoader):
    """PyYAML's safe loader with the resolvers of YAML 1.2, and nothing that repeats or recurses."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's own name and type
    origin = ""
    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            raise RecipeError(
                f"{self.origin} line {line} uses a YAML alias (*{event.anchor}); "
                "a recipe holds none.",
                "Write the value out.",
            )
        if getattr(event, "tag", None) is not None:
            raise RecipeError(
                f"{self.origin} line {line} uses a YAML tag ({event.tag.replace(_TAG, '!!')}); "
                "a recipe holds none.",
                "Write the plain value.",
            )
        if self.depth == MAX_DEPTH:
            raise RecipeError(f"{self.origin} line {line} is nested too deeply to be a recipe.")
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def _resolve(tag: str, pattern: str, first: list[str]) -> None:
    _CoreSchemaLoader.add_implicit_resolver(f"{_TAG}{tag}", re.compile(f"^(?:{pattern})$"), first)


# An empty value has no first character: PyYAML files its resolver under "".
_resolve("null", r"~|null|Null|NULL|", ["~", "n", "N", ""])
_resolve("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF"))
_resolve("int", r"[-+]?[0-9]+", list("-+0123456789"))
_resolve(
    "float",
    r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
    list("-+.0123456789"),
)


def _whole_number(loader: _CoreSchemaLoader, node: yaml.ScalarNode) -> int:
    # PyYAML's own reader takes 010 for octal; YAML 1.2 does not. Python refuses to
    # read a number of thousands of digits, so its length is looked at first.
    text = str(node.value)
    if len(text) > 40 or not -(2**63) <= int(text) < 2**63:
        raise RecipeError(
            f"{loader.origin} line {node.start_mark.line + 1} holds a whole number of {len(text)} "
            "characters; a recipe takes those that fit into 64 bits."
        )
    return int(text)


_CoreSchemaLoader.add_constructor(f"{_TAG}int", _whole_number)


def read(text: str, origin: str) -> YamlSource:
    """Read one YAML document.

    Raises:
        RecipeError: it is not YAML, too large, or uses what a recipe does not (see above).
    """
    if len(text) > MAX_CHARACTERS:
        raise RecipeError(
            f"{origin} has {len(text):,} characters; a recipe has at most {MAX_CHARACTERS:,}."
        )
    try:
        loader = _CoreSchemaLoader(text)
        loader.origin = origin
        node = loader.get_single_node()
        if node is None:
            return YamlSource(None)
        lines: dict[str, int] = {}
        _collect_lines(node, "", lines, origin)
        return YamlSource(loader.construct_document(node), lines)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise RecipeError(
            f"{origin}{where} is not valid YAML: {problem}.",
            "Check the indentation, the colons and the quotes at that line.",
        ) from None


def write(value: Any) -> str:
    """A scalar or a list on one line of YAML, which `read` takes back as the same value."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(write(item) for item in value)}]"
    if not isinstance(value, str):
        return json.dumps(value)
    # A name that `read` takes for text goes without quotes.
    if re.fullmatch(r"[\w-]*[^\W\d][\w-]*", value) and read(value, "").value == value:
        return value
    # JSON's strings are YAML's, but for characters that YAML forbids or folds.
    return "".join(
        character if character.isprintable() else f"\\U{ord(character):08X}"
        for character in json.dumps(value, ensure_ascii=False)
    )


def _collect_lines(node: yaml.Node, key: str, lines: dict[str, int], origin: str) -> None:
    if isinstance(node, yaml.MappingNode):
        first_lines: dict[str, int] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            named = key_node.tag == f"{_TAG}str" and key_node.value
            if not named or not key_node.value.isprintable():
                shown = key_node.value if isinstance(key_node, yaml.ScalarNode) else "a list or map"
                raise RecipeError(
                    f"{origin} line {line} has a key that is not a name: {str(shown)[:40]!r}.",
                    "A key is plain text, such as epochs.",
                )
            name = key_node.value
            dotted = f"{key}.{name}" if key else name
            if name in first_lines:
                raise RecipeError(
                    f"{origin} gives {dotted} twice, in line {first_lines[name]} and line {line}.",
                    "Remove one of them.",
                )
            first_lines[name] = line
            lines[dotted] = line
            _collect_lines(value_node, dotted, lines, origin)
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            dotted = f"{key}[{index}]"
            lines[dotted] = item.start_mark.line + 1
            _collect_lines(item, dotted, lines, origin)
    elif unfit := [c for c in node.value if c == "\0" or "\ud800" <= c <= "\udfff"]:
        raise RecipeError(
            f"{origin} line {node.start_mark.line + 1} holds U+{ord(unfit[0]):04X}, "
            "which no text or file name can have."
        )
