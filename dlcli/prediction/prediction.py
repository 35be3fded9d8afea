"""One prediction: what was given, and what the model says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Prediction:
    """The answer for one input.

    Args:
        input: what was predicted: a file name, "-", a table's row, or an example's name.
        classes: (class name, probability) pairs, the likeliest first; none in a regression.
        true_class: where it is known, else "".
        error: why there is no answer, or "".
        value: of a regression, in the target's units.
        true_value: of a regression, where it is known.
        values: of one step of a forecast, by the names of its targets, in their units.
        true_values: the same of the truth, where it is known.
        cells: of a row of a table, its own columns; of a forecast, its time.
    """

    input: str
    classes: tuple[tuple[str, float], ...] = ()
    true_class: str = ""
    error: str = ""
    value: float | None = None
    true_value: float | None = None
    cells: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, float] = field(default_factory=dict)
    true_values: Mapping[str, float] = field(default_factory=dict)


def document(item: Prediction) -> dict[str, Any]:
    """A prediction as JSON has it: what was given, and the answer or why there is none."""
    found: dict[str, Any] = {"input": item.input}
    if item.cells:
        found["columns"] = {name: _plain(value) for name, value in item.cells.items()}
    if item.error:
        return {**found, "error": item.error}
    if item.values:
        found["prediction"] = dict(item.values)
        if item.true_values:
            found["true_value"] = dict(item.true_values)
        return found
    if item.value is not None:
        found["prediction"] = item.value
        if item.true_value is not None:
            found["true_value"] = item.true_value
        return found
    found["classes"] = [{"class": name, "probability": value} for name, value in item.classes]
    if item.true_class:
        found["true_class"] = item.true_class
    return found


def _plain(value: Any) -> Any:
    """A cell as JSON has it; dates and times are text."""
    return value if value is None or isinstance(value, str | int | float) else str(value)
