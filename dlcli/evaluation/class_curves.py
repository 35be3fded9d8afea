"""Curves that show how well classes are told apart at every threshold."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import IO

import numpy as np

from dlcli import shown
from dlcli.evaluation import plot_style

_STYLES = ("-", "--", "-.", ":", "-", "--")
_POINTS = 200  # a curve is drawn with at most
_MAX_CLASSES = 100  # of which the worst are looked for
_MAX_ANSWERS = 5_000_000  # that are sorted for the curve of all classes together


def draw(
    probabilities: np.ndarray,
    truth: np.ndarray,
    class_names: Sequence[str],
    path_or_file: Path | IO[bytes],
    *,
    are_exclusive: bool = True,
) -> None:
    """Draw the ROC and the curve of precision over recall.

    Args:
        probabilities: float (num_examples, num_classes).
        truth: bool (num_examples, num_classes), which classes each example has.
        class_names: all classes together are drawn and the five that are told apart worst; of more
            than 100, all together. Of very many answers, some examples stand for all, and the name
            of the curve says how many.
        are_exclusive: whether each example has one class; then of two classes the second one is
            drawn.
    """
    whole = "all classes"
    step = -(-probabilities.size // _MAX_ANSWERS)
    if step > 1:
        probabilities, truth = probabilities[::step], truth[::step]
        whole = f"all classes, {len(truth):,} examples"
    # A class without an example, or with nothing else, has no curve.
    num_true = truth.sum(axis=0)
    known = [index for index in range(len(class_names)) if 0 < num_true[index] < len(truth)]
    if len(class_names) > _MAX_CLASSES:
        known = []
    areas = {index: area(*roc(truth[:, index], probabilities[:, index])) for index in known}
    is_pair = are_exclusive and len(class_names) == 2
    if is_pair:
        chosen = [1] if 1 in areas else []
    else:
        chosen = sorted(known, key=lambda index: areas[index])[:5]
    lines = [(class_names[index], truth[:, index], probabilities[:, index]) for index in chosen]
    if not is_pair and 0 < num_true.sum() < truth.size:
        lines.insert(0, (whole, truth.ravel(), probabilities.ravel()))
    with plot_style.figure(1, 2, (10.4, 4.6), class_names) as (figure, axes):
        for place, (name, is_true, probability) in enumerate(lines):
            false_rate, true_rate = roc(is_true, probability)
            precision, recall = precision_recall(is_true, probability)
            drawn = {
                "color": plot_style.PALETTE[place],
                "linestyle": _STYLES[place],
                "linewidth": 2.2 if place == 0 else 1.4,
            }
            label = f"{_short(name)}: area {area(false_rate, true_rate):.3f}"
            axes[0].plot(*_thinned(false_rate, true_rate), label=label, **drawn)
            label = f"{_short(name)}: mean precision {average_precision(precision, recall):.3f}"
            axes[1].plot(*_thinned(recall, precision), label=label, **drawn)
        axes[0].plot([0, 1], [0, 1], ":", color=plot_style.GRAY, linewidth=1, label="chance")
        axes[0].set(xlabel="false positive rate", ylabel="true positive rate", title="ROC")
        axes[1].set(xlabel="recall", ylabel="precision", title="Precision and recall")
        for axis, corner in zip(axes, ("lower right", "lower left"), strict=True):
            axis.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
            lines_drawn = axis.get_lines()
            if not lines_drawn:
                continue
            # Given by hand: matplotlib would leave out a name that begins with "_".
            names = [str(line.get_label()) for line in lines_drawn]
            legend = axis.legend(lines_drawn, names, frameon=False, fontsize=8, loc=corner)
            for text in legend.get_texts():
                text.set_parse_math(False)  # a name is no formula
        figure.savefig(path_or_file, dpi=100, format="png")


def roc(is_true: np.ndarray, probability: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """False and true positive rates as the threshold falls, from (0, 0) to (1, 1).

    Args:
        is_true: bool (num_answers,), both values there.
        probability: float (num_answers,).
    """
    true, false = _positives(is_true, probability)
    return np.append(0, false / false[-1]), np.append(0, true / true[-1])


def precision_recall(is_true: np.ndarray, probability: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Precision and recall as the threshold falls; see `roc`."""
    true, false = _positives(is_true, probability)
    precision, recall = true / (true + false), true / true[-1]
    return np.append(precision[0], precision), np.append(0, recall)


def area(across: np.ndarray, up: np.ndarray) -> float:
    """The area under a curve."""
    return float(np.trapezoid(up, across))


def average_precision(precision: np.ndarray, recall: np.ndarray) -> float:
    """Precision where each true one is found, on average, as scikit-learn counts it."""
    # Divided by the sum of the weights, which may be next to 1: then all precisions of 1 give 1.
    return float(np.average(precision[1:], weights=np.diff(recall)))


def _positives(is_true: np.ndarray, probability: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """True and false positives for each threshold that is a probability given, from the highest."""
    order = np.argsort(-probability, kind="stable")
    last = np.append(np.flatnonzero(np.diff(probability[order])), len(order) - 1)
    true = np.cumsum(is_true[order])[last]
    return true, last + 1 - true


def _thinned(across: np.ndarray, up: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Few enough points to draw, evenly spread, with both ends."""
    chosen = np.unique(np.linspace(0, len(across) - 1, _POINTS).round().astype(int))
    return across[chosen], up[chosen]


def _short(name: str) -> str:
    name = shown.escaped(name)
    return name if len(name) <= 24 else f"{name[:23]}…"
