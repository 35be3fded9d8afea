"""Whole series in files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from dlcli.artifacts import Predictor
from dlcli.errors import DataError
from dlcli.inputs import sequences
from dlcli.prediction.prediction import Prediction, answered

_BATCH_SIZE = 256


def predict(predictor: Predictor, inputs: Sequence[str], top_k: int) -> Iterator[Prediction]:
    """Predict every series of files in the order given.

    Args:
        predictor: a classifier of whole series.
        inputs: `.ts` files, or tables with a series a row; with classes or without. "-" is a
            CSV table on standard input.
        top_k: classes an answer.

    Yields:
        One prediction a series, with its true class where the file has one.

    Raises:
        DataError: a file cannot be read, or its series have other channels.
    """
    form = predictor.metadata["input"]
    num_steps, num_channels = form["shape"]
    for source in inputs:
        path = Path("/dev/stdin" if source == "-" else source)
        found = sequences.read(path, form["label"], form["reading"], needs_labels=False)
        if found.values[0].shape[1] != num_channels:
            raise DataError(
                f"{source} has {found.values[0].shape[1]} channels; the model takes {num_channels}."
            )
        for start in range(0, len(found.values), _BATCH_SIZE):
            places = range(start, min(start + _BATCH_SIZE, len(found.values)))
            raw = sequences.padded([found.values[place] for place in places], num_steps)
            for place, series, answer in zip(
                places, raw, predictor.predict_batch(raw), strict=True
            ):
                truth = found.labels[place] if found.labels else ""
                if form["missing"] == "fail" and sequences.missing(series):
                    yield Prediction(found.names[place], error="values are missing")
                else:
                    name = found.names[place]
                    yield answered(name, np.asarray(answer), predictor, top_k, true_class=truth)
