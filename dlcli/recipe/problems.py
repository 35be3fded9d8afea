"""What is wrong with a recipe, in sentences: each with its key, its place and what was expected."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dlcli import catalog
from dlcli.recipe import keys


class Places:
    """Where each key of a recipe was given.

    Args:
        origin: the recipe, such as a file name.
        lines: dotted key -> line in it.
    """

    def __init__(self, origin: str, lines: dict[str, int], shipped: str = "") -> None:
        self.origin, self.shipped = origin, shipped
        self._lines = dict(lines)
        self._overrides: dict[str, str] = {}

    def override(self, key: str, override: str) -> None:
        """Note that a key, with all that is in it, came from the command line."""
        self._overrides[key] = override
        inside = (f"{key}.", f"{key}[")
        self._lines = {k: line for k, line in self._lines.items() if not k.startswith(inside)}

    def of(self, key: str) -> str:
        """The place of a key, or of the nearest section or list around it."""
        for around in _outwards(key):
            if around in self._overrides:
                return f"the override {self._overrides[around]}"
            if around in self._lines:
                return f"{self.origin} line {self._lines[around]}"
        return self.origin

    def as_text(self, key: str) -> str:
        """The override of a key with its value as text, ready to paste; "" if there is none."""
        _, given, value = self._overrides.get(key, "").partition("=")
        return shlex.quote(f"{key}={json.dumps(value, ensure_ascii=False)}") if given else ""

    def line(self, key: str) -> int:
        """The line of a key, to sort by: 0 for the recipe itself, overrides last."""
        for around in _outwards(key):
            if around in self._overrides:
                return sys.maxsize
            if around in self._lines:
                return self._lines[around]
        return 0


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong.

    Args:
        key: the dotted key.
    """

    key: str
    text: str


def unknown_choice(key: str, value: Any, choices: list[str], places: Places) -> Problem:
    """A name that is missing, or not one of the names there are."""
    place = places.of(key)
    expected = f"Expected one of: {', '.join(choices)}."
    if value is None:
        return Problem(key, f"{key} is missing ({place}). {expected}")
    if not isinstance(value, str):
        return Problem(key, f"{key}: received {described(value)} ({place}). {expected}")
    nearest = catalog.did_you_mean(value, choices)
    name = f"{key.rpartition('.')[2]} {described(value)}"
    return Problem(key, f"{key}: unknown {name} ({place}). {expected}{nearest}")


def invalid_value(error: Any, schema: dict[str, Any], places: Places) -> Problem:
    """A value or a key that the schema does not allow.

    Args:
        error: an item of pydantic's `ValidationError.errors()`.
        schema: the JSON Schema that the recipe was checked against.
    """
    kind, location, value = error["type"], error["loc"], error["input"]
    if kind == "missing" and isinstance(location[-1], int):
        kind, location = "too_short", location[:-1]  # the list is what was received
    if kind == "extra_forbidden":
        key = _dotted(location)
        return Problem(key, _unknown_key(location, schema, places.of(key)))
    location, expected = keys.described_part(schema, location)
    key = _dotted(location)
    received = f"received {described(value)} ({places.of(key)})"
    if kind == "value_error":  # what one key asks of another: see the validators of the sections
        return Problem(key, f"{key}: {received}: {error['ctx']['error']}.")
    if kind == "missing":
        return Problem(key, f"{key} is missing ({places.of(key)}). Expected {expected}.")
    nearest = ""
    if kind == "literal_error":
        nearest = catalog.did_you_mean(str(value), expected.removeprefix("one of: ").split(", "))
    elif expected.startswith("text"):
        expected = f"{expected}: quote it if it is meant as text"
        if override := places.as_text(key):
            expected = f"{expected}, {override}"
    elif kind == "finite_number":
        expected = f"{expected}, and finite"
    return Problem(key, f"{key}: {received}. Expected {expected}.{nearest}")


def described(value: Any) -> str:
    """A received value as the user would write it, cut short."""
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a section"
    text = json.dumps(value, ensure_ascii=False)
    if len(text) > 60:
        text = f"{text[:57]}..."
    return f"the list {text}" if isinstance(value, list) else text


def _dotted(location: tuple[str | int, ...]) -> str:
    key = ""
    for part in location:
        key += f"[{part}]" if isinstance(part, int) else f".{part}" if key else part
    return key


def _outwards(key: str) -> Iterator[str]:
    """`a.b[0]`, `a.b`, `a`."""
    while key:
        yield key
        key = key[: max(key.rfind("."), key.rfind("["), 0)]


def _unknown_key(location: tuple[Any, ...], schema: dict[str, Any], place: str) -> str:
    *parents, name = location
    known = {key.name: key for key in keys.describe(schema)}
    sections = list(dict.fromkeys(key.partition(".")[0] for key in known))
    prefix = "".join(f"{parent}." for parent in parents)
    here = [key.removeprefix(prefix) for key in known if key.startswith(prefix)]
    if parents:
        start = f"'{name}' is not a key of {'.'.join(parents)} ({place})."
        if name in sections:
            return f"{start} It belongs at the top of the recipe, without indentation."
    else:
        start = f"'{name}' is not a section of a recipe ({place})."
        here = sections
    homes = [key.rpartition(".")[0] for key in known if key.rpartition(".")[2] == name]
    if homes:
        return f"{start} It is a key of {homes[0]}: {homes[0]}.{name}."
    similar = catalog.similar(name, here)
    if not similar:
        return f"{start} Expected one of: {', '.join(here)}."
    default = known[prefix + similar].default if prefix + similar in known else None
    return f"{start} Similar: {similar}{f' (default {default})' if default else ''}."
