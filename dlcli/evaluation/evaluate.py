"""Evaluation of any predictor on a split."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from dlcli.artifacts import Predictor
from dlcli.data import Split
from dlcli.errors import DataError
from dlcli.evaluation import metrics

BATCH_SIZE = 256


def evaluate(
    predictor: Predictor, split: Split, progress: Callable[[int, int], None] | None = None
) -> dict[str, Any]:
    """Predict every example of a split and measure the answers.

    Args:
        predictor: any artifact.
        split: raw examples in the predictor's own input form.
        progress: told (examples done, examples in all).

    Returns:
        The document of `metrics.classification`.

    Raises:
        DataError: the examples do not fit the predictor.
    """
    expected = tuple(predictor.metadata["input"]["shape"])
    if split.inputs.shape[1:] != expected:
        raise DataError(
            f"the data has examples of shape {split.inputs.shape[1:]}; the model takes {expected}."
        )
    probabilities = [
        predictor.predict_batch(split.gather(positions)[0])
        for positions in _batches(len(split), progress)
    ]
    return metrics.classification(
        np.concatenate(probabilities), split.targets[split.rows], predictor.metadata["class_names"]
    )


def _batches(
    num_examples: int, progress: Callable[[int, int], None] | None
) -> Iterator[np.ndarray]:
    for start in range(0, num_examples, BATCH_SIZE):
        end = min(start + BATCH_SIZE, num_examples)
        yield np.arange(start, end)
        if progress:
            progress(end, num_examples)
