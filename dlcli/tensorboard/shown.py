"""Examples that are shown, and what a model answers to them."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dlcli import evaluation, kinds
from dlcli.data import Split
from dlcli.inputs.examples import spread
from dlcli.tensorboard.event_files import Place


@dataclass(frozen=True)
class Shown:
    """Examples of a split, and what a model answers to them.

    Args:
        place: the folder of the split.
        task: what the model is to do.
        metadata: of the model: `class_names`, `target`, of a series `forecast`.
        split: raw examples.
        answers: (num_examples, ...), as `dlcli.evaluation.kept` keeps them.
    """

    place: Place
    task: str
    metadata: dict[str, Any]
    split: Split
    answers: np.ndarray

    @property
    def targets(self) -> np.ndarray:
        """The truth, (num_examples, ...)."""
        targets: np.ndarray = self.split.targets[self.split.rows]
        return targets

    @property
    def class_names(self) -> list[str]:
        """One a class; none in a regression."""
        return list(self.metadata["class_names"])

    @functools.cached_property
    def measured(self) -> dict[str, Any]:
        """What `dlcli.evaluation` measures of them."""
        measured: dict[str, Any] = evaluation.of(self.task).measure(
            self.answers, self.targets, self.metadata
        )
        return measured

    @functools.cached_property
    def errors(self) -> np.ndarray:
        """How wrong each answer is, float (num_examples,): of a class the loss, else the error."""
        if kinds.output_of(self.task).name == "classification":
            chosen = self.answers[np.arange(len(self.split)), self.targets]
            return -np.log(np.clip(chosen.astype(np.float64), 1e-12, 1))
        return np.abs(self.answers.reshape(len(self.split)) - self.targets)

    def is_wrong(self) -> np.ndarray:
        """Whether each answer is another class than the true one, bool (num_examples,)."""
        wrong: np.ndarray = self.answers.argmax(axis=1) != self.targets
        return wrong


def some(split: Split, count: int) -> Split:
    """Examples evenly spread over a split, at most `count`."""
    return replace(split, rows=split.rows[spread(len(split), count)])
