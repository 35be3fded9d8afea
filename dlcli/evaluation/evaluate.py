"""Evaluation of any predictor on a split."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from dlcli import evaluation
from dlcli.artifacts import Predictor
from dlcli.data import Split
from dlcli.errors import DataError
from dlcli.events import Events, Stage, ignore

BATCH_SIZE = 256


def evaluate(predictor: Predictor, split: Split, events: Events = ignore) -> dict[str, Any]:
    """Predict every example of a split and measure the answers.

    Raises:
        DataError: the examples do not fit the predictor.
    """
    return measure(predict(predictor, split, events), split, predictor.metadata)


def predict(
    predictor: Predictor,
    split: Split,
    events: Events = ignore,
    bounds: tuple[int, int] | None = None,
) -> np.ndarray:
    """Answers to the examples of a split, float (num_examples, ...); see `evaluate`.

    Of some tasks it is what `measure` needs of them: see `dlcli.evaluation.kept`.

    Args:
        bounds: the first example that is answered and the one after the last; None for all.
            Batches are the same, and so are the answers to the bit: what stands with these
            examples in a batch is predicted too.
    """
    _check_fit(predictor.metadata["input"], split)
    task, answers = predictor.metadata["task"], []
    first, last = bounds or (0, len(split))
    if first == last:  # one is answered all the same: it tells the shape of answers
        begin, end = 0, 1
        first = last = 0
    else:
        begin, end = first - first % BATCH_SIZE, min(last + -last % BATCH_SIZE, len(split))
    for positions in _batches(begin, end, events):
        raw, targets = split.gather(positions)
        answers.append(evaluation.kept(task, predictor.predict_batch(raw), targets))
    return np.concatenate(answers)[first - begin : last - begin]


def measure(answers: np.ndarray, split: Split, metadata: dict[str, Any]) -> dict[str, Any]:
    """Measure answers that `predict` gave, by the metadata of who gave them."""
    targets = split.targets[split.rows]
    return evaluation.of(metadata["task"]).measure(answers, targets, metadata)


def _check_fit(expected: dict[str, Any], split: Split) -> None:
    if isinstance(split.inputs, dict):
        given = {
            key: "number" if values.dtype.kind == "f" else "category"
            for key, values in split.inputs.items()
        }
        for column in expected["columns"]:
            kind = given.get(column["key"])
            if kind != column["kind"]:
                raise DataError(
                    f"the model takes the column '{column['name']}' as a {column['kind']}; in the "
                    f"data it is {f'a {kind}' if kind else 'left out or missing'}.",
                    "If the data has changed since the training, measure it with --data PATH.",
                )
    elif split.inputs.shape[1:] != tuple(expected["shape"]):
        raise DataError(
            f"the data has examples of shape {split.inputs.shape[1:]}; the model takes "
            f"{tuple(expected['shape'])}."
        )


def _batches(first: int, last: int, events: Events) -> Iterator[np.ndarray]:
    for start in range(first, last, BATCH_SIZE):
        end = min(start + BATCH_SIZE, last)
        yield np.arange(start, end)
        events(Stage("predicting", end - first, last - first))
