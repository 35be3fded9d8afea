"""Answers to consecutive inputs, as columns: a million rows are no million objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from dlcli import kinds, outputs
from dlcli.artifacts import Predictor
from dlcli.prediction.source import Batch

if TYPE_CHECKING:
    import polars as pl

    from dlcli.prediction import protocols


def module_of(metadata: Mapping[str, Any]) -> protocols.InputPredictions:
    """The module of what a model outputs."""
    module: protocols.InputPredictions = outputs.module(
        "prediction", kinds.output_of(metadata["task"])
    )
    return module


@dataclass(frozen=True)
class Answers:
    """What a model says of consecutive inputs.

    Args:
        found: what `module` decoded, arrays (num_inputs, ...), None or NaN where there is an error.
        errors: why an input has no answer, by its position.
        cells: of a table, its rows.
        truths: what is known of each; else none.
    """

    names: Sequence[str]
    found: Sequence[np.ndarray]
    module: protocols.InputPredictions
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
            [each[rows] for each in self.found],
            self.module,
            {row - first: why for row, why in self.errors.items() if first <= row < last},
            None if self.cells is None else self.cells.slice(first, last - first),
            self.truths[rows],
        )

    def predictions(self) -> Iterator[protocols.Predicted]:
        """The same one by one."""
        rows = self.cells.iter_rows(named=True) if self.cells is not None else None
        for place, name in enumerate(self.names):
            cells = next(rows) if rows else {}
            if place in self.errors:
                yield self.module.Prediction(name, error=self.errors[place], cells=cells)
                continue
            found = [each[place] for each in self.found]
            truth = self.truths[place] if self.truths else None
            yield self.module.prediction(name, found, truth, cells)


def of(batch: Batch, predictor: Predictor, top_k: int) -> Answers:
    """The answers to a batch."""
    metadata = predictor.metadata
    module = module_of(metadata)
    if batch.raw is None:
        rows = np.empty((0, max(len(metadata["class_names"]), 1)), np.float32)
    else:
        rows = module.final(batch.raw, predictor.predict_batch(batch.raw))
    found = module.decoded(rows, metadata, top_k)
    if batch.errors:
        good = np.setdiff1d(np.arange(len(batch.names)), list(batch.errors))
        found = [_spread(each, good, len(batch.names)) for each in found]
    return Answers(batch.names, found, module, batch.errors, batch.cells, batch.truths)


def _spread(values: np.ndarray, places: np.ndarray, size: int) -> np.ndarray:
    """Values at places among `size`, and None or NaN at the others."""
    missing = None if values.dtype == object else np.nan
    every = np.full((size, *values.shape[1:]), missing, values.dtype)
    every[places] = values
    return every
