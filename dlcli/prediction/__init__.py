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
from dlcli.errors import UsageError
from dlcli.prediction.prediction import Prediction, answered, document

__all__ = ["Prediction", "document", "predict_inputs", "predict_split"]

_BATCH_SIZE = 32


def predict_inputs(
    predictor: Predictor,
    inputs: Sequence[str],
    limit: int | None,
    top_k: int,
    texts: Sequence[str] = (),
) -> Iterator[Prediction]:
    """Predict a user's own inputs, of the kind that the predictor takes.

    Args:
        inputs: files, folders and patterns of images, or files of tables, of series or of
            texts; "-" for standard input.
        limit: at most this many, or None.
        top_k: classes an answer.
        texts: texts themselves, which come first.

    Raises:
        UsageError: a folder or a pattern that holds no image, or texts for a predictor of
            something else.
    """
    kind = _kind(predictor)
    predictions: Iterator[Prediction] = kind.predict(predictor, inputs, top_k)
    if texts:
        if not hasattr(kind, "predict_texts"):
            name = predictor.metadata["input"]["kind"]
            raise UsageError(
                f"--text is given, and this model takes no texts but the kind of data '{name}'.",
                "Give its files as arguments, without --text.",
            )
        predictions = itertools.chain(kind.predict_texts(predictor, texts, top_k), predictions)
    return itertools.islice(predictions, limit)


def predict_split(
    predictor: Predictor, split: Split, limit: int | None, top_k: int
) -> Iterator[Prediction]:
    """Predict the first examples of a split.

    Args:
        limit: how many, or None for all.
        top_k: classes an answer.

    Raises:
        UsageError: the model answers to nothing.
    """
    kind = _kind(predictor)
    if hasattr(kind, "refusal"):
        raise kind.refusal()
    class_names = predictor.metadata["class_names"]
    count = len(split) if limit is None else min(limit, len(split))
    for start in range(0, count, _BATCH_SIZE):
        batch = np.arange(start, min(start + _BATCH_SIZE, count))
        raw, targets = split.gather(batch)
        names = [split.name(int(position)) for position in batch]
        answers = predictor.predict_batch(raw)
        if hasattr(kind, "of_split"):  # whose examples have more than one answer
            yield from kind.of_split(predictor, names, answers, targets, top_k)
            continue
        for name, target, row in zip(names, targets, answers, strict=True):
            truth: dict[str, Any] = (
                {"true_class": class_names[int(target)]}
                if class_names
                else {"true_value": float(str(target))}
            )
            yield answered(name, row, predictor, top_k, **truth)


def _kind(predictor: Predictor) -> Any:
    return importlib.import_module(f"dlcli.prediction.{predictor.metadata['input']['kind']}")
