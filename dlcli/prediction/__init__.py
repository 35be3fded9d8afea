"""Prediction: from a user's own inputs or a split to classes or numbers, by any artifact.

One file for each kind of data reads what there is to predict, and one for each output says what
arrays of predictions mean: see `dlcli.prediction.protocols`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np

from dlcli import kinds
from dlcli.artifacts import Predictor
from dlcli.data import Split
from dlcli.errors import UsageError
from dlcli.events import Events, ignore
from dlcli.inputs.examples import Examples
from dlcli.prediction import answers, batch_size, protocols
from dlcli.prediction.answers import Answers, module_of
from dlcli.prediction.prediction import document
from dlcli.prediction.protocols import Predicted
from dlcli.prediction.source import Batch, Part, Source

__all__ = [
    "Answers",
    "document",
    "module_of",
    "open_inputs",
    "open_split",
    "predict",
    "predict_inputs",
    "predict_split",
]


def open_inputs(
    predictor: Predictor,
    inputs: Sequence[str],
    texts: Sequence[str] = (),
    events: Events = ignore,
) -> Source | None:
    """A user's own inputs, of the kind that the predictor takes.

    Args:
        inputs: files, folders and patterns of images, or files of tables, of series or of
            texts; "-" for standard input.
        texts: texts themselves, which come first.
        events: told what a user should know of how the inputs were read, by `predict` too.

    Returns:
        What `predict` takes; None where a forecast follows, see `predict_inputs`.

    Raises:
        UsageError: texts for a predictor of something else.
        DataError: a file cannot be read, or a folder holds no image.
    """
    kind = kinds.for_task(predictor.metadata["task"])
    if texts and "texts" not in kind.inputs:
        raise UsageError(
            "--text is given, and this model takes no texts but the kind of data "
            f"'{kind.stored_name}'.",
            "Give its files as arguments, without --text.",
        )
    if _has_steps(predictor):
        return None
    module: protocols.Prediction = kinds.module("prediction", kind)
    return module.source(predictor, inputs, texts, events)


def open_split(predictor: Predictor, split: Split, fingerprint: str = "") -> Source | None:
    """The examples of a split with what is true of them; see `open_inputs`.

    Raises:
        UsageError: the model answers to nothing.
    """
    if _has_steps(predictor):
        return None
    module = module_of(predictor.metadata)

    def read(first: int, stop: int, batch_size: int) -> Iterator[Batch]:
        for start in range(first, stop, batch_size):
            names, raw, targets = _gathered(split, start, min(start + batch_size, stop))
            yield Batch(names, raw, truths=module.truths(targets, predictor.metadata))

    return Source((Part(len(split), read),), lambda: fingerprint)


def _gathered(split: Split, start: int, stop: int) -> tuple[list[str], Examples, np.ndarray]:
    """Names, raw examples and targets of consecutive examples of a split."""
    places = np.arange(start, stop)
    return [split.name(int(place)) for place in places], *split.gather(places)


def predict(
    predictor: Predictor,
    source: Source,
    *,
    top_k: int,
    start: int = 0,
    stop: int | None = None,
    size: int | None = None,
) -> Iterator[Answers]:
    """Predict what was opened, in order.

    Args:
        top_k: classes an answer.
        start, stop: of the inputs that are answered; None for the last. The first and last
            batch may be read beyond.
        size: inputs that are predicted together; None chooses by the model.
    """
    stop = source.size if stop is None else stop
    for batch, first, last in source.batches(start, stop, size or batch_size.of(predictor)):
        yield answers.of(batch, predictor, top_k).cut(first, last)


def predict_inputs(
    predictor: Predictor,
    inputs: Sequence[str],
    limit: int | None,
    top_k: int,
    texts: Sequence[str] = (),
    events: Events = ignore,
) -> Iterator[Predicted]:
    """Predict a user's own inputs one by one; see `open_inputs`."""
    source = open_inputs(predictor, inputs, texts, events)
    if source:
        return _one_by_one(predict(predictor, source.limited(limit), top_k=top_k))
    return itertools.islice(_forecasts(predictor).predict(predictor, inputs, events), limit)


def predict_split(
    predictor: Predictor, split: Split, limit: int | None, top_k: int
) -> Iterator[Predicted]:
    """Predict the first examples of a split one by one; see `open_split`."""
    source = open_split(predictor, split)
    if source:
        yield from _one_by_one(predict(predictor, source.limited(limit), top_k=top_k))
        return
    count = len(split) if limit is None else min(limit, len(split))
    size = batch_size.of(predictor)
    for start in range(0, count, size):
        names, raw, targets = _gathered(split, start, min(start + size, count))
        found = predictor.predict_batch(raw)
        yield from _forecasts(predictor).of_split(predictor, names, found, targets)


def _one_by_one(found: Iterator[Answers]) -> Iterator[Predicted]:
    for some in found:
        yield from some.predictions()


def _has_steps(predictor: Predictor) -> bool:
    """Whether several predictions follow one input.

    Raises:
        UsageError: there is nothing to predict.
    """
    task = predictor.metadata["task"]
    kinds.for_task(task).check("predict")
    return kinds.output_of(task).has_steps


def _forecasts(predictor: Predictor) -> protocols.Forecasts:
    kind = kinds.for_task(predictor.metadata["task"])
    module: protocols.Forecasts = kinds.module("prediction", kind)
    return module
