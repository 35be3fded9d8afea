"""Answers to consecutive inputs, as columns: a million rows are no million objects."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from dlcli.artifacts import Predictor
from dlcli.prediction.prediction import Prediction
from dlcli.prediction.source import Batch, Source

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Answers:
    """What a model says of consecutive inputs.

    Args:
        names: what to call each input.
        values: float (num_inputs,) of a regression, NaN where there is an error.
        classes: (num_inputs, top_k) names of classes as objects, the likeliest first; or
            (num_inputs, 0).
        probabilities: float (num_inputs, top_k), of these classes.
        errors: why an input has no answer, by its position.
        cells: of a table, its rows.
        truths: what is known of each, class names or numbers; else none.
    """

    names: Sequence[str]
    values: np.ndarray
    classes: np.ndarray
    probabilities: np.ndarray
    errors: Mapping[int, str] = field(default_factory=dict)
    cells: pl.DataFrame | None = None
    truths: Sequence[Any] = ()

    def __len__(self) -> int:
        return len(self.names)

    def cut(self, first: int, last: int) -> Answers:
        """Those from one on, up to another."""
        if (first, last) == (0, len(self)):
            return self
        rows = slice(first, last)
        return Answers(
            self.names[rows],
            self.values[rows],
            self.classes[rows],
            self.probabilities[rows],
            {row - first: why for row, why in self.errors.items() if first <= row < last},
            None if self.cells is None else self.cells.slice(first, last - first),
            self.truths[rows],
        )

    def predictions(self) -> Iterator[Prediction]:
        """The same one by one."""
        rows = self.cells.iter_rows(named=True) if self.cells is not None else None
        is_regression = not self.classes.shape[1]
        for place, name in enumerate(self.names):
            known: dict[str, Any] = {"cells": next(rows)} if rows else {}
            if place in self.errors:
                yield Prediction(name, error=self.errors[place], **known)
                continue
            if is_regression:
                known["value"] = shown(self.values[place])
                if self.truths:
                    known["true_value"] = self.truths[place]
            else:
                found = zip(self.classes[place], self.probabilities[place].tolist(), strict=True)
                known["classes"] = tuple(found)
                known["true_class"] = self.truths[place] if self.truths else ""
            yield Prediction(name, **known)


def shown(value: np.floating) -> float:
    """A float32 or float64 with the digits that it knows, and no others."""
    return float(str(value))


def answers(
    predictor: Predictor,
    source: Source,
    *,
    start: int,
    stop: int,
    batch_size: int,
    top_k: int,
    reduced: Callable[[Any, np.ndarray], np.ndarray] | None = None,
) -> Iterator[Answers]:
    """Predict the inputs from `start` up to `stop`.

    Args:
        predictor: any artifact of a classification or regression.
        source: all inputs.
        start, stop: of those that are answered; the first and last batch may be read beyond.
        batch_size: inputs that are predicted together.
        top_k: classes an answer.
        reduced: makes one answer of several, given raw examples and answers.
    """
    for batch, first, last in source.batches(start, stop, batch_size):
        rows = None
        if batch.raw is not None:
            rows = predictor.predict_batch(batch.raw)
            rows = reduced(batch.raw, rows) if reduced else rows
        yield _of(batch, rows, predictor.metadata["class_names"], top_k).cut(first, last)


def _of(batch: Batch, rows: np.ndarray | None, class_names: Sequence[str], top_k: int) -> Answers:
    """The answers to a batch.

    Args:
        batch: the inputs.
        rows: float (num_good, num_classes) or (num_good, 1), of those without an error.
        class_names: in the order of the classes.
        top_k: classes an answer.
    """
    size = len(batch.names)
    num_top = min(top_k, len(class_names))
    good: np.ndarray | slice = slice(None)
    if batch.errors:
        good = np.setdiff1d(np.arange(size), list(batch.errors))
    dtype = np.float32 if rows is None else rows.dtype
    values = np.full(size if not class_names else 0, np.nan, dtype)
    classes = np.full((size, num_top), None, object)
    probabilities = np.full((size, num_top), np.nan, np.float32)
    if rows is not None and class_names:
        # A stable sort, so that equal probabilities keep the order of the classes.
        order = np.argsort(-rows, axis=1, kind="stable")[:, :num_top]
        classes[good] = np.array(class_names, object)[order]
        probabilities[good] = np.take_along_axis(rows, order, axis=1)
    elif rows is not None:
        values[good] = rows[:, 0]
    return Answers(
        batch.names, values, classes, probabilities, batch.errors, batch.cells, batch.truths
    )
