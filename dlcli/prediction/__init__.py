"""Prediction: from a user's own inputs or a split to classes or numbers, by any artifact.

One file a kind of data, with `predict`.
"""

from __future__ import annotations

import importlib
import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from dlcli.artifacts import Predictor
from dlcli.data import Split
from dlcli.prediction.prediction import Prediction, answered

__all__ = ["Prediction", "predict_inputs", "predict_split"]

_BATCH_SIZE = 32


def predict_inputs(
    predictor: Predictor, inputs: Sequence[str], limit: int | None, top_k: int
) -> Iterator[Prediction]:
    """Predict a user's own inputs, of the kind that the predictor takes.

    Args:
        inputs: files, folders and patterns of images, or files of tables and series; "-"
            for standard input.
        limit: at most this many, or None.
        top_k: classes an answer.

    Raises:
        UsageError: a folder or a pattern that holds no image.
    """
    kind = importlib.import_module(f"dlcli.prediction.{predictor.metadata['input']['kind']}")
    predictions: Iterator[Prediction] = kind.predict(predictor, inputs, top_k)
    return itertools.islice(predictions, limit)


def predict_split(
    predictor: Predictor, split: Split, limit: int | None, top_k: int
) -> Iterator[Prediction]:
    """Predict the first examples of a split.

    Args:
        limit: how many, or None for all.
        top_k: classes an answer.
    """
    class_names = predictor.metadata["class_names"]
    count = len(split) if limit is None else min(limit, len(split))
    for start in range(0, count, _BATCH_SIZE):
        batch = np.arange(start, min(start + _BATCH_SIZE, count))
        raw, targets = split.gather(batch)
        if "forecast" in predictor.metadata:
            from dlcli.prediction import series

            names = [split.name(int(position)) for position in batch]
            yield from series.of_windows(predictor, names, predictor.predict_batch(raw), targets)
            continue
        for position, target, row in zip(batch, targets, predictor.predict_batch(raw), strict=True):
            truth: dict[str, Any] = (
                {"true_class": class_names[int(target)]}
                if class_names
                else {"true_value": float(str(target))}
            )
            yield answered(split.name(int(position)), row, predictor, top_k, **truth)
