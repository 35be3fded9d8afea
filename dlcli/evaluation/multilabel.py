"""Evaluation of multilabel classifiers: each class has a decision threshold of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from dlcli.evaluation import MAX_STORED, class_curves, plots

WRITTEN = ("class_names",)
keep = draw_progress = None
_DEFAULT = 0.5  # where no example of the validation split has the class


def decide(probabilities: np.ndarray, targets: np.ndarray) -> dict[str, Any]:
    """Choose for each class the threshold with the largest F1.

    Args:
        probabilities: float (num_examples, num_classes) of the validation split.
        targets: uint8 (num_examples, num_classes).

    Returns:
        `thresholds`, one a class: an example has a class whose probability is as large. Each lies
        in the middle between two probabilities; of several that are as good, it is the one nearest
        to one half, and where no example has the class, one half.
    """
    each_class = zip(probabilities.T, targets.T, strict=True)
    return {"thresholds": [_threshold(each, truth == 1) for each, truth in each_class]}


def _threshold(probability: np.ndarray, is_true: np.ndarray) -> float:
    if not is_true.any():
        return _DEFAULT
    order = np.argsort(-probability, kind="stable")
    values = probability[order].astype(np.float64)
    last = np.append(np.flatnonzero(np.diff(values)), len(values) - 1)
    f1 = 2 * np.cumsum(is_true[order])[last] / (last + 1 + is_true.sum())
    cuts = (values[last] + np.append(values[last][1:], 0)) / 2
    best = cuts[f1 == f1.max()]
    return float(best[np.abs(best - _DEFAULT).argmin()])


def measure(
    probabilities: np.ndarray, targets: np.ndarray, metadata: Mapping[str, Any]
) -> dict[str, Any]:
    """Measure a classifier with several classes at once.

    Args:
        probabilities: float (num_examples, num_classes).
        targets: uint8 (num_examples, num_classes), 1 for each class of an example.
        metadata: `class_names` and `thresholds`, one a class, are read.

    Returns:
        `examples`; `loss`, the mean binary cross-entropy in nats; `macro_f1`, the mean over the
        classes that occur or are predicted; `micro_f1`, of all labels together (both 0 where there
        are none);
        `mean_average_precision`, the mean over the classes that occur; `exact_match`, the share of
        examples whose classes are all right and no others; and `per_class` (precision, recall, f1,
        average_precision, threshold, examples; None where undefined).
    """
    found = terms(probabilities, targets, metadata)
    hits, false, missed = (found[name].sum(axis=0) for name in ("hit", "false", "missed"))
    truth = targets == 1
    precisions = [
        class_curves.average_precision(
            *class_curves.precision_recall(truth[:, index], probabilities[:, index])
        )
        if truth[:, index].any()
        else None
        for index in range(targets.shape[1])
    ]
    known = [each for each in precisions if each is not None]
    return {
        "examples": len(targets),
        "macro_f1": float(np.nan_to_num(_macro_f1(hits, false, missed))),
        "micro_f1": float(np.nan_to_num(_micro_f1(hits, false, missed))),
        "mean_average_precision": float(np.mean(known)) if known else None,
        "exact_match": float(found["exact_match"].mean()),
        "loss": float(found["loss"].mean()),
        "per_class": [
            {
                "class": name,
                "precision": _known(_ratio(hits[index], hits[index] + false[index])),
                "recall": _known(_ratio(hits[index], hits[index] + missed[index])),
                "f1": _known(_f1(hits[index], false[index], missed[index])),
                "average_precision": precisions[index],
                "threshold": metadata["thresholds"][index],
                "examples": int(hits[index] + missed[index]),
            }
            for index, name in enumerate(metadata["class_names"])
        ],
    }


def terms(
    probabilities: np.ndarray, targets: np.ndarray, metadata: Mapping[str, Any]
) -> dict[str, np.ndarray]:
    """Compute the values per example that the metrics are means of.

    Returns:
        `loss` in nats, and `exact_match`, 1 where all classes are right, else 0, (num_examples,);
        and bool (num_examples, num_classes), whether a class is a `hit`, `false` (predicted, and
        not there) or `missed`.
    """
    predicted, truth = probabilities >= metadata["thresholds"], targets == 1
    # Keras's clipping, so that the figure is the one that training shows.
    wide = probabilities.astype(np.float64)
    right = np.where(truth, wide, 1 - wide)
    return {
        "loss": -np.log(np.clip(right, 1e-7, 1 - 1e-7)).mean(axis=1),
        "exact_match": (predicted == truth).all(axis=1).astype(np.float64),
        "hit": predicted & truth,
        "false": predicted & ~truth,
        "missed": truth & ~predicted,
    }


def from_means(means: Mapping[str, Any]) -> dict[str, Any]:
    """The metrics of means of what `terms` gives; mean average precision is not one of them.

    F1 is NaN where no class occurs or is predicted, as in a part of a split.
    """
    hits, false, missed = (np.asarray(means[name]) for name in ("hit", "false", "missed"))
    return {
        "loss": means["loss"],
        "exact_match": means["exact_match"],
        "macro_f1": _macro_f1(hits, false, missed),
        "micro_f1": _micro_f1(hits, false, missed),
    }


def _macro_f1(hits: np.ndarray, false: np.ndarray, missed: np.ndarray) -> np.ndarray:
    """The mean F1 of the classes that have one, (...), of (..., num_classes)."""
    of_each = _f1(hits, false, missed)
    return _ratio(np.nansum(of_each, axis=-1), (~np.isnan(of_each)).sum(axis=-1))


def _micro_f1(hits: np.ndarray, false: np.ndarray, missed: np.ndarray) -> np.ndarray:
    """The F1 of all labels together, (...), of (..., num_classes)."""
    return _f1(*(each.sum(axis=-1) for each in (hits, false, missed)))


def _f1(hits: np.ndarray, false: np.ndarray, missed: np.ndarray) -> np.ndarray:
    return _ratio(2 * hits, 2 * hits + false + missed)


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """A quotient, NaN where the whole is 0."""
    return np.where(whole > 0, part / np.where(whole > 0, whole, 1), np.nan)


def _known(value: Any) -> float | None:
    return None if np.isnan(value) else float(value)


def stored(probabilities: np.ndarray, targets: np.ndarray) -> dict[str, np.ndarray]:
    """The predictions as a run keeps them.

    Returns:
        `truth`, uint8 (num_examples, num_classes), and where they are few, all `probabilities`.
    """
    whole = {"probabilities": probabilities} if probabilities.size <= MAX_STORED else {}
    return {"truth": targets, **whole}


def draw(
    measured: Mapping[str, Any],
    predictions: np.ndarray,
    targets: np.ndarray,
    metadata: Mapping[str, Any],
    folder: Path,
    name_of: Callable[[int], str],
) -> Iterator[tuple[str, Path]]:
    """Draw the figures of each class."""
    path = folder / "classes.png"
    plots.class_figures(measured["per_class"], path)
    yield "classes", path
