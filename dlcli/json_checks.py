"""Checks of JSON documents: what is wrong with one, and where in it.

A check takes a value and raises `Unfit`. pydantic would do, but its import takes as long as the
first answer of an exported file.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Check = Callable[[Any], None]


class Unfit(Exception):
    """A value that is not what was expected, and where in the document it stands."""

    def __init__(self, found: Any, expected: str) -> None:
        super().__init__(expected)
        self.found, self.expected = found, expected
        self.place: list[str] = []


def problem(value: Any, check: Check) -> str:
    """Describe the problem of a document in a sentence without its end, or return ""."""
    try:
        check(value)
    except Unfit as unfit:
        place = ".".join(reversed(unfit.place))
        what = f"'{place}'" if place else "it"
        return f"{what} is {_named(unfit.found)}. Expected {unfit.expected}"
    return ""


def _named(value: Any) -> str:
    if value is MISSING:
        return "missing"
    shown = json.dumps(value, ensure_ascii=False)
    return f"{shown[:57]}..." if len(shown) > 60 else shown


MISSING = object()


def _of(expected: str, *types: type) -> Check:
    def check(value: Any) -> None:
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            raise Unfit(value, expected)

    return check


TEXT = _of("a text", str)
NUMBER = _of("a number", int, float)
FLAG = _of("true or false", bool)


def anything(value: Any) -> None:
    """Take any value."""


def whole(value: Any) -> None:
    """Check a whole number that is not negative."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**63:
        raise Unfit(value, "a whole number that is not negative")


def place_of(num_classes: int) -> Check:
    """A check of the index of a class."""

    def checked(value: Any) -> None:
        if value >= num_classes:
            raise Unfit(value, f"the place of one of {num_classes} classes, from 0")

    return checked


def maybe(check: Check) -> Check:
    """A check of what may be null."""
    return lambda value: None if value is None else check(value)


def within(place: str, value: Any, check: Check) -> None:
    """Check a value that stands at a place of a document."""
    try:
        check(value)
    except Unfit as unfit:
        unfit.place.append(place)
        raise


def list_of(check: Check, length: int | None = None) -> Check:
    """A check of a list, of any length where that is None."""

    def checked(value: Any) -> None:
        if not isinstance(value, list) or (length is not None and len(value) != length):
            raise Unfit(value, "a list" if length is None else f"a list of {length}")
        for place, each in enumerate(value):
            within(str(place), each, check)

    return checked


@dataclass(frozen=True)
class Object:
    """A check of an object.

    Args:
        required: checks of keys that it has.
        optional: of keys that may be missing.
        others: of all that it has more.
    """

    required: Mapping[str, Check] = field(default_factory=dict)
    optional: Mapping[str, Check] = field(default_factory=dict)
    others: Check = anything

    def __call__(self, value: Any) -> None:
        if not isinstance(value, dict):
            raise Unfit(value, "an object")
        for name in self.required:
            if name not in value:
                within(name, MISSING, self.required[name])
        for name, each in value.items():
            within(name, each, self._of(name))

    def fitting(self, value: Any) -> dict[str, Any]:
        """The entries of a document that are as expected."""
        found = {}
        for name, each in value.items() if isinstance(value, dict) else ():
            check = self._of(name)
            if isinstance(check, Object):
                found[name] = check.fitting(each)
            elif not problem(each, check):
                found[name] = each
        return found

    def _of(self, name: str) -> Check:
        return self.required.get(name) or self.optional.get(name) or self.others


def one_of(*values: str) -> Check:
    """A check of a choice."""

    def checked(value: Any) -> None:
        if value not in values:
            raise Unfit(value, f"one of {', '.join(values)}")

    return checked


FIGURE = maybe(NUMBER)
