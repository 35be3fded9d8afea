"""How well each class is told from the others: curves and figures."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from tensorboard.plugins.pr_curve import metadata as pr_curve_metadata

from dlcli.evaluation import class_curves
from dlcli.metric_names import format_metric, in_a_sentence
from dlcli.runs.results import figures_of_classes, lowest_f1_first
from dlcli.tensorboard.event_files import EventFiles
from dlcli.tensorboard.examples import cell
from dlcli.tensorboard.shown import Judged, Shown

_MAX_CLASSES = 20  # with more, what is shown is of all classes together
_THRESHOLDS = 101


def labels(targets: np.ndarray, class_names: Sequence[str]) -> list[str]:
    """The names of classes."""
    return [class_names[target] for target in targets]


def judged(shown: Shown) -> Judged:
    """The loss of each prediction, with the probability of the class that is predicted."""
    names, answers, targets = shown.metadata["class_names"], shown.answers, shown.targets
    predicted, true = answers.argmax(axis=1), answers[np.arange(len(targets)), targets]
    return Judged(
        -np.log(np.clip(true.astype(np.float64), 1e-12, 1)),
        predicted != targets,
        "probability",
        lambda position: (
            names[targets[position]],
            names[predicted[position]],
            f"{100 * answers[position].max():.0f} %",
        ),
    )


def show(files: EventFiles, shown: Shown, step: int) -> None:
    """Show curves of precision and recall, the ROC, and figures of each class."""
    show_classes(files, shown, np.eye(shown.answers.shape[1], dtype=bool)[shown.targets], step)


def show_classes(
    files: EventFiles, shown: Shown, truth: np.ndarray, step: int, are_exclusive: bool = True
) -> None:
    """Show what `show` does, by which classes each example has.

    Args:
        truth: bool (num_examples, num_classes).
        are_exclusive: whether that is always one.
    """
    names, probabilities = shown.metadata["class_names"], shown.answers
    columns = {"all classes": (truth.ravel(), probabilities.ravel())}
    if len(names) <= _MAX_CLASSES:
        columns |= {
            name: (truth[:, index], probabilities[:, index]) for index, name in enumerate(names)
        }
    for name, (is_true, probability) in columns.items():
        counts = counts_at_thresholds(is_true, probability)
        metadata = pr_curve_metadata.create_summary_metadata(name, "", _THRESHOLDS)
        files.tensor(shown.place, f"precision_recall/{name}", counts, metadata, step)
    per_class = shown.measured["per_class"]
    if len(names) <= _MAX_CLASSES:
        for measured in per_class:
            if measured["f1"] is not None:
                files.scalar(shown.place, f"f1/{measured['class']}", measured["f1"], step)
    files.text(shown.place, "per_class", table(per_class), step)
    png = io.BytesIO()
    class_curves.draw(probabilities, truth, names, png, are_exclusive=are_exclusive)
    files.picture(shown.place, "curves", png.getvalue(), step)


def counts_at_thresholds(is_true: np.ndarray, probability: np.ndarray) -> np.ndarray:
    """What the page of precision-recall curves takes.

    Args:
        is_true: bool (num_answers,).
        probability: float (num_answers,).

    Returns:
        float32 (6, thresholds) for thresholds from 0 to 1, an answer being positive from its
        threshold on: true and false positives, true and false negatives, precision, recall.
    """
    # How many thresholds an answer reaches, 1 at least: none is below 0.
    place = np.minimum((probability * (_THRESHOLDS - 1)).astype(np.int64), _THRESHOLDS - 1)
    positives = np.bincount(place[is_true], minlength=_THRESHOLDS)[::-1].cumsum()[::-1]
    false_positives = np.bincount(place[~is_true], minlength=_THRESHOLDS)[::-1].cumsum()[::-1]
    precision = positives / np.maximum(positives + false_positives, 1)
    recall = positives / np.maximum(positives[0], 1)
    negatives = false_positives[0] - false_positives
    rows = (positives, false_positives, negatives, positives[0] - positives, precision, recall)
    return np.stack(rows).astype(np.float32)


def table(per_class: list[dict[str, Any]]) -> str:
    """Figures of each class in Markdown, the lowest F1 first, a hundred classes at most."""
    figures = figures_of_classes(per_class)
    lines = [
        " | ".join(["class", *map(in_a_sentence, figures), "examples"]),
        " | ".join(["---", *["---:"] * (len(figures) + 1)]),
    ]
    for place in lowest_f1_first(per_class)[:100]:
        measured = per_class[place]
        cells = (format_metric(name, measured[name]) for name in figures)
        name = cell(str(measured["class"]))
        lines.append(" | ".join([name, *cells, f"{measured['examples']:,}"]))
    return "\n".join(lines)
