"""Forecasts: a prediction for each step, with a number for each target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dlcli import shown
from dlcli.prediction.prediction import Cell, plain
from dlcli.prediction.regression import changed

__all__ = ["Prediction", "changed", "decoded", "prediction", "truths"]

_NAMED = 4  # targets in a line


@dataclass(frozen=True)
class Prediction:
    """One step of a forecast.

    Args:
        input, error, cells: see `dlcli.prediction.protocols.Predicted`.
        values: by the names of the targets, in their units.
        true_values: the same of the truth, where it is known.
    """

    input: str
    values: Mapping[str, float] = field(default_factory=dict)
    true_values: Mapping[str, float] = field(default_factory=dict)
    error: str = ""
    cells: Mapping[str, Any] = field(default_factory=dict)

    best = ""  # there are no classes

    @property
    def is_known(self) -> bool:
        """Whether any true value is known."""
        return bool(self.true_values)

    def document(self) -> dict[str, Any]:
        """The step as JSON has it."""
        truth = {"true_value": dict(self.true_values)} if self.is_known else {}
        return {"prediction": dict(self.values), **truth}

    def sentence(self, target: str) -> str:
        """The step in a line."""
        parts = []
        for name, value in self.values.items():
            truth = self.true_values.get(name)
            known = "" if truth is None else f" (truth: {truth:,.6g})"
            parts.append(f"{name} {value:,.6g}{known}")
        return "next: " + ", ".join(parts[:_NAMED]) + (" ..." if len(parts) > _NAMED else "")

    def row(self, known: bool) -> list[Cell]:
        """The number of each target, each with the true one if any is `known`."""
        found = [Cell("step", shown.escaped(self.input))]
        for name, value in self.values.items():
            found.append(Cell(shown.name(name), f"{value:,.6g}", justify="right"))
            if known:
                truth = f"{self.true_values[name]:,.6g}" if name in self.true_values else ""
                found.append(Cell("truth", truth, "dim", "right"))
        return found


def decoded(rows: np.ndarray, metadata: Mapping[str, Any], top_k: int) -> Sequence[np.ndarray]:
    """The values of each step by the names of the targets, dicts as objects (num_steps,)."""
    names = [target["name"] for target in metadata["forecast"]["targets"]]
    found = np.empty(len(rows), object)
    found[:] = [dict(zip(names, map(plain, row), strict=True)) for row in rows]
    return (found,)


def prediction(name: str, found: Sequence[Any], truth: Any, cells: Mapping[str, Any]) -> Prediction:
    """One of the steps that were `decoded`."""
    return Prediction(name, found[0], truth or {}, cells=cells)


def truths(targets: np.ndarray, metadata: Mapping[str, Any]) -> Sequence[Mapping[str, float]]:
    """The true values of each step (num_steps, num_targets), but for those that are NaN."""
    [every] = decoded(targets, metadata, 0)
    return [{name: value for name, value in each.items() if not np.isnan(value)} for each in every]
