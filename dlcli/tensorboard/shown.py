"""Examples that are shown, and what a model answers to them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dlcli import evaluation, kinds, outputs
from dlcli.data import Split
from dlcli.inputs.examples import spread
from dlcli.tensorboard.event_files import Place
from dlcli.tensorboard.protocols import Views


@dataclass(frozen=True)
class Shown:
    """Examples of a split, and what a model answers to them.

    Args:
        place: the folder of the split.
        metadata: of the model: `class_names`, `target`, of a series `forecast`.
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

    @functools.cached_property
    def measured(self) -> dict[str, Any]:
        """What `dlcli.evaluation` measures of them."""
        return evaluation.of(self.task).measure(self.answers, self.targets, self.metadata)

    @functools.cached_property
    def judged(self) -> Judged | None:
        """Each prediction beside the truth; None where examples are not shown one by one."""
        module = views(self.task)
        return module.judged(self) if module else None


@dataclass(frozen=True)
class Judged:
    """How wrong predictions are.

    Args:
        errors: float (num_examples,).
        is_mistake: bool (num_examples,), which can be among the worst.
        detail: heading of what is said of each prediction, such as "probability".
        describe: from the position of an example to its truth, its prediction and the detail.
    """

    errors: np.ndarray
    is_mistake: np.ndarray
    detail: str
    describe: Callable[[int], tuple[str, str, str]]


def views(task: str) -> Views | None:
    """The module that shows the predictions of a task one by one, or None where none does."""
    output = kinds.output_of(task)
    module: Views | None = outputs.module("tensorboard", output) if output.has_labels else None
    return module


def some(split: Split, count: int) -> Split:
    """Examples evenly spread over a split, at most `count`."""
    return replace(split, rows=split.rows[spread(len(split), count)])
