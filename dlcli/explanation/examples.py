"""The inputs that are explained, as the predictor takes them."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dlcli import kinds, prediction
from dlcli.artifacts import Predictor
from dlcli.data import Split
from dlcli.errors import DataError, UsageError
from dlcli.evaluation import evaluate
from dlcli.events import Events, ignore
from dlcli.explanation.subject import Subject
from dlcli.inputs import examples
from dlcli.inputs.examples import Examples
from dlcli.prediction.protocols import Predicted

_BATCH_SIZE = 32
_CLASSES_SHOWN = 3


@dataclass(frozen=True)
class Item:
    """One input.

    Args:
        prediction: what is predicted of it, or its error.
        raw: the example as a batch of one, None with an error.
        answer: of `predict_batch`, without an axis of examples; None with an error.
    """

    prediction: Predicted
    raw: Examples | None = None
    answer: np.ndarray | None = None


class _Recorder:
    """A predictor that keeps what it is given and what it answers.

    So inputs are read by `dlcli.prediction` itself, and can be no others than those that
    `dlcli predict` answers for.
    """

    def __init__(self, predictor: Predictor) -> None:
        self.metadata = predictor.metadata
        self.seen: deque[tuple[Examples, np.ndarray]] = deque()
        self._predictor = predictor

    def predict_batch(self, raw: Examples) -> np.ndarray:
        """See `dlcli.artifacts.Predictor`."""
        answers = np.asarray(self._predictor.predict_batch(raw))
        for place, answer in enumerate(answers):
            self.seen.append((examples.take(raw, slice(place, place + 1)), answer))
        return answers


def of_inputs(
    predictor: Predictor, inputs: Sequence[str], texts: Sequence[str], events: Events = ignore
) -> Iterator[Item]:
    """A user's own inputs, in their order; what cannot be read has its error.

    Raises:
        UsageError: inputs of another kind than the predictor takes.
    """
    given: list[tuple[Sequence[str], Sequence[str]]] = [([], [text]) for text in texts]
    given += [([source], []) for source in inputs]
    for sources, own_texts in given:
        recorder = _Recorder(predictor)
        try:
            predictions = prediction.predict_inputs(
                recorder, sources, None, _CLASSES_SHOWN, own_texts, events
            )
            yield from _joined(predictions, recorder, sources[0] if sources else "")
        except DataError as error:
            module = prediction.module_of(predictor.metadata)
            name = sources[0] if sources else ""
            yield Item(module.Prediction(name, error=error.message))


def of_split(predictor: Predictor, split: Split) -> Iterator[Item]:
    """The examples of a split, in its order."""
    for start in range(0, len(split), _BATCH_SIZE):
        rows = split.rows[start : start + _BATCH_SIZE]
        recorder = _Recorder(predictor)
        predictions = prediction.predict_split(
            recorder, replace(split, rows=rows), None, _CLASSES_SHOWN
        )
        yield from _joined(predictions, recorder, "")


def mistakes(predictor: Predictor, split: Split) -> np.ndarray:
    """Where a split's answers are wrong, the worst first.

    Returns:
        int64 positions: of a classification those with a wrong class, the surest first; of
        numbers and forecasts all, by the size of the error.

    Raises:
        UsageError: the task has no mistakes of this kind.
    """
    subject = Subject(predictor)
    task, find = subject.metadata["task"], subject.output.mistakes
    if find is None:
        raise UsageError(
            f"--mistakes is for classes, numbers and forecasts, and the task here is {task}."
        )
    return find(evaluate.predict(predictor, split), split.targets[split.rows], subject.metadata)


def _joined(predictions: Iterator[Predicted], recorder: _Recorder, source: str) -> Iterator[Item]:
    """Each prediction with the example that it is of."""
    if kinds.output_of(recorder.metadata["task"]).has_steps:
        horizon = recorder.metadata["forecast"]["horizon"]
        while steps := list(itertools.islice(predictions, horizon)):
            raw, answer = recorder.seen.popleft()
            first = steps[0]
            name = source or first.input.removesuffix(" step 1")
            yield Item(replace(first, input=name, cells={}), raw, answer)
        return
    for each in predictions:
        if each.error:
            yield Item(each)
        else:
            raw, answer = recorder.seen.popleft()
            yield Item(each, raw, answer)


def first(items: Iterator[Item], limit: int) -> tuple[list[Item], bool]:
    """At most so many of some items, and whether there are more."""
    chosen: list[Any] = list(itertools.islice(items, limit))
    return chosen, next(items, None) is not None
