"""TensorBoard summaries of multilabel classifiers: figures and curves of each class."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dlcli.evaluation import multilabel
from dlcli.tensorboard.classification import show_classes
from dlcli.tensorboard.event_files import EventFiles
from dlcli.tensorboard.shown import Judged, Shown


def labels(targets: np.ndarray, class_names: Sequence[str]) -> list[str]:
    """The names of the classes of each example."""
    return [_named(each, class_names) for each in targets]


def judged(shown: Shown) -> Judged:
    """The loss of each prediction, with the probability that is furthest off."""
    names, answers, targets = shown.metadata["class_names"], shown.answers, shown.targets
    found = multilabel.terms(answers, targets, shown.metadata)
    predicted = answers >= shown.metadata["thresholds"]
    furthest = np.abs(answers - targets).argmax(axis=1)

    def describe(position: int) -> tuple[str, str, str]:
        index = furthest[position]
        return (
            _named(targets[position], names),
            _named(predicted[position], names),
            f"{names[index]} {100 * answers[position, index]:.0f} %",
        )

    return Judged(found["loss"], found["exact_match"] == 0, "furthest off", describe)


def show(files: EventFiles, shown: Shown, step: int) -> None:
    """Show curves of precision and recall, the ROC, and figures of each class."""
    show_classes(files, shown, shown.targets == 1, step, are_exclusive=False)


def _named(has: np.ndarray, class_names: Sequence[str]) -> str:
    return ", ".join(class_names[index] for index in np.flatnonzero(has).tolist()) or "no class"
