"""Predictions of one number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dlcli import shown
from dlcli.inputs import affine
from dlcli.prediction.prediction import Cell, Column, plain, target_names


@dataclass(frozen=True)
class Prediction:
    """The number of one input.

    Args:
        input, error, cells: see `dlcli.prediction.protocols.Predicted`.
        value: in the target's units; None with an error.
        true_value: where it is known.
    """

    input: str
    value: float | None = None
    true_value: float | None = None
    error: str = ""
    cells: Mapping[str, Any] = field(default_factory=dict)

    best = ""  # there are no classes

    @property
    def is_known(self) -> bool:
        """Whether the true number is known."""
        return self.true_value is not None

    def document(self) -> dict[str, Any]:
        """The number as JSON has it."""
        truth = {"true_value": self.true_value} if self.is_known else {}
        return {"prediction": self.value, **truth}

    def sentence(self, target: str) -> str:
        """The number in a line."""
        truth = f" (truth: {self.true_value:,.6g})" if self.is_known else ""
        return f"{target or 'prediction'} {self.value:,.6g}{truth}"

    def row(self, known: bool) -> list[Cell]:
        """The number, and the true one if any is `known`."""
        truth = f"{self.true_value:,.6g}" if self.is_known else ""
        return [
            Cell("input", shown.name(self.input)),
            Cell("answer", f"{self.value:,.6g}", justify="right"),
            *([Cell("true value", truth, justify="right")] if known else []),
        ]


def final(raw: Any, rows: np.ndarray) -> np.ndarray:
    """The numbers as they are."""
    return rows


def decoded(rows: np.ndarray, metadata: Mapping[str, Any], top_k: int) -> Sequence[np.ndarray]:
    """The numbers (num_inputs,) of float (num_inputs, 1)."""
    return (rows[:, 0],)


def prediction(name: str, found: Sequence[Any], truth: Any, cells: Mapping[str, Any]) -> Prediction:
    """One of the inputs that were `decoded`."""
    return Prediction(name, plain(found[0]), truth, cells=cells)


def truths(targets: np.ndarray, metadata: Mapping[str, Any]) -> Sequence[float]:
    """The true numbers."""
    return [plain(each) for each in targets.reshape(len(targets))]


def columns(metadata: Mapping[str, Any], top_k: int) -> tuple[Sequence[Column], Column]:
    """A column for the number, and one for the truth."""
    predicted, true = target_names(metadata, "class")
    is_wide = bool(affine.from_metadata(metadata).outputs)
    return [Column(predicted, "float64" if is_wide else "float32")], Column(true, "float64")


def cells(
    found: Sequence[np.ndarray], errors: Iterable[int], exact: bool
) -> Sequence[Sequence[Any]]:
    """Cells of `columns`: the number with all its digits."""
    numbers: list[str | None] = [str(plain(each)) for each in found[0]]
    for row in errors:
        numbers[row] = None
    return [numbers]


def changed(
    expected: np.ndarray, others: np.ndarray, targets: np.ndarray, metadata: Mapping[str, Any]
) -> float:
    """The share of numbers that differ by more than half of the model's own error, its RMSE.

    Each place of the last axis has an error of its own.
    """
    truth = targets.reshape(expected.shape).astype(np.float64)
    axes = tuple(range(max(expected.ndim - 1, 1)))
    error = np.sqrt(np.nanmean(np.square(expected - truth), axis=axes))
    return float(np.mean(np.abs(others - expected) > error / 2))
