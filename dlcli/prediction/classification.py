"""Predictions of one class: the likeliest classes, each with its probability."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dlcli import shown
from dlcli.prediction.prediction import Cell, Column, target_names


@dataclass(frozen=True)
class Prediction:
    """The classes of one input.

    Args:
        input, error, cells: see `dlcli.prediction.protocols.Predicted`.
        classes: (class name, probability) pairs, the likeliest first.
        true_class: where it is known, else "".
    """

    input: str
    classes: Sequence[tuple[str, float]] = ()
    true_class: str = ""
    error: str = ""
    cells: Mapping[str, Any] = field(default_factory=dict)

    @property
    def best(self) -> str:
        """The likeliest class."""
        return self.classes[0][0] if self.classes else ""

    @property
    def is_known(self) -> bool:
        """Whether the true class is known."""
        return bool(self.true_class)

    def document(self) -> dict[str, Any]:
        """The classes as JSON has them."""
        found: dict[str, Any] = {
            "classes": [{"class": name, "probability": value} for name, value in self.classes]
        }
        return found | ({"true_class": self.true_class} if self.true_class else {})

    def sentence(self, target: str) -> str:
        """The likeliest class in a line; what "1" is a class of, only the target's name tells."""
        name, probability = self.classes[0]
        text = f"{target}: " if target else ""
        text += f"{shown.name(name)} {probability:.1%}"
        return text + (f" (true class: {shown.name(self.true_class)})" if self.is_known else "")

    def row(self, known: bool) -> list[Cell]:
        """The best class, the next ones, and the true one if any is `known`."""
        (_, probability), *others = self.classes
        after = ", ".join(f"{shown.name(name)} {value:.1%}" for name, value in others)
        style = "green" if self.true_class == self.best else "red"
        return [
            Cell("input", shown.name(self.input)),
            Cell("answer", shown.name(self.best), "bold"),
            Cell("probability", f"{probability:.1%}", justify="right"),
            Cell("next", after, "dim"),
            *([Cell("true class", shown.name(self.true_class), style)] if known else []),
        ]


def final(raw: Any, rows: np.ndarray) -> np.ndarray:
    """The probabilities as they are."""
    return rows


def ranked(
    rows: np.ndarray, metadata: Mapping[str, Any], top_k: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The likeliest classes, each (num_inputs, top_k): indices, names and float32 probabilities."""
    # A stable sort, so that equal probabilities keep the order of the classes.
    order = np.argsort(-rows, axis=1, kind="stable")[:, :top_k]
    names = np.array(metadata["class_names"], object)[order]
    return order, names, np.take_along_axis(rows, order, axis=1).astype(np.float32)


def decoded(rows: np.ndarray, metadata: Mapping[str, Any], top_k: int) -> Sequence[np.ndarray]:
    """The likeliest classes: names as objects, and float32 probabilities, (num_inputs, top_k)."""
    return ranked(rows, metadata, top_k)[1:]


def prediction(name: str, found: Sequence[Any], truth: Any, cells: Mapping[str, Any]) -> Prediction:
    """One of the inputs that were `decoded`."""
    classes, probabilities = found
    pairs = tuple(zip(classes, probabilities.tolist(), strict=True))
    return Prediction(name, pairs, truth or "", cells=cells)


def truths(targets: np.ndarray, metadata: Mapping[str, Any]) -> Sequence[str]:
    """The true classes of int targets (num_examples,)."""
    names: list[str] = np.array(metadata["class_names"], object)[targets].tolist()
    return names


def columns(metadata: Mapping[str, Any], top_k: int) -> tuple[Sequence[Column], Column]:
    """A pair of columns for each rank, and one for the truth."""
    predicted, true = target_names(metadata, "class")
    found = []
    for rank in range(1, min(top_k, len(metadata["class_names"])) + 1):
        suffix = "" if rank == 1 else f"_{rank}"
        found += [
            Column(f"{predicted}{suffix}", "string"),
            Column(f"probability{suffix}", "float32"),
        ]
    return found, Column(true, "string")


def cells(
    found: Sequence[np.ndarray], errors: Iterable[int], exact: bool
) -> Sequence[Sequence[Any]]:
    """Cells of `columns`: probabilities with 6 decimals, or `exact`."""
    import polars as pl

    classes, probabilities = found
    lists: list[Sequence[Any]] = []
    for rank in range(classes.shape[1]):
        column = probabilities[:, rank]
        if exact:
            numbers: list[Any] = pl.Series(column).fill_nan(None).to_list()
        else:
            numbers = [f"{each:.6f}" for each in column.tolist()]
            for row in errors:
                numbers[row] = None
        lists += [classes[:, rank].tolist(), numbers]
    return lists


def changed(
    expected: np.ndarray, others: np.ndarray, targets: np.ndarray, metadata: Mapping[str, Any]
) -> float:
    """The share of examples for which another class is the likeliest."""
    return float(np.mean(expected.argmax(axis=-1) != others.argmax(axis=-1)))
