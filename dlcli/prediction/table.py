"""Rows of tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from dlcli.artifacts import Predictor
from dlcli.inputs import columns, tables
from dlcli.inputs.examples import take
from dlcli.prediction.prediction import Prediction, answered

_ROWS_A_BATCH = 1024


def predict(predictor: Predictor, inputs: Sequence[str], top_k: int) -> Iterator[Prediction]:
    """Predict every row of tables in the order given.

    Args:
        predictor: a predictor of tables.
        inputs: files, or "-" for a CSV table on standard input.
        top_k: classes an answer.

    Yields:
        One prediction a row; one with a cell that does not fit has an error.

    Raises:
        DataError: a table cannot be read, or lacks a column that the model reads.
    """
    form = predictor.metadata["input"]
    wanted = columns.from_metadata(form["columns"])
    for source in inputs:
        frame = tables.read(Path("/dev/stdin" if source == "-" else source), **form["reading"])
        examples, errors = columns.raw(frame, wanted, source)
        if form["missing"] == "fail":
            errors = columns.missing(examples, wanted) | errors
        for start in range(0, len(frame), _ROWS_A_BATCH):
            rows = range(start, min(start + _ROWS_A_BATCH, len(frame)))
            good = [row for row in rows if row not in errors]
            answers = iter(predictor.predict_batch(take(examples, np.array(good))) if good else ())
            batch = frame.slice(start, len(rows)).iter_rows(named=True)
            for row, cells in zip(rows, batch, strict=True):
                name = f"{source} row {row + 1}"
                if row in errors:
                    yield Prediction(name, error=errors[row], cells=cells)
                else:
                    yield answered(name, next(answers), predictor, top_k, cells=cells)
