"""Predictions of any number of classes: those whose probability reaches their threshold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from dlcli import shown
from dlcli.prediction import classification
from dlcli.prediction.prediction import Cell, Column, target_names

final = classification.final
_NONE = "none"  # of the classes, for people


class Class(NamedTuple):
    """A class with its probability, and the one from which on an example has the class."""

    name: str
    probability: float
    threshold: float

    def document(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "class": self.name,
            "probability": self.probability,
            "threshold": self.threshold,
        }

    def __str__(self) -> str:
        return f"{shown.name(self.name)} {self.probability:.1%}"


@dataclass(frozen=True)
class Labels:
    """The classes that an example has.

    Args:
        classes: in their order.
        separator: what stands between their names in one cell.
    """

    classes: tuple[Class, ...]
    separator: str

    def __str__(self) -> str:
        return self.separator.join(each.name for each in self.classes)


@dataclass(frozen=True)
class Prediction:
    """The classes of one input.

    Args:
        input, error, cells: see `dlcli.prediction.protocols.Predicted`.
        labels: the classes that are predicted.
        classes: the likeliest first.
        true_labels: names where they are known, else None.
    """

    input: str
    labels: tuple[Class, ...] = ()
    classes: tuple[Class, ...] = ()
    true_labels: tuple[str, ...] | None = None
    error: str = ""
    cells: Mapping[str, Any] = field(default_factory=dict)

    @property
    def best(self) -> str:
        """The likeliest of the predicted classes, or of all where there is none."""
        found = max(self.labels, key=lambda each: each.probability, default=None)
        return (found or self.classes[0]).name if self.classes else ""

    @property
    def is_known(self) -> bool:
        """Whether the true classes are known."""
        return self.true_labels is not None

    def document(self) -> dict[str, Any]:
        """The classes as JSON has them."""
        found: dict[str, Any] = {
            "labels": [each.document() for each in self.labels],
            "classes": [each.document() for each in self.classes],
        }
        return found if self.true_labels is None else {**found, "true_labels": [*self.true_labels]}

    def sentence(self, target: str) -> str:
        """The predicted classes in a line, or the likeliest one where there is none."""
        text = f"{target}: " if target else ""
        text += ", ".join(map(str, self.labels)) or f"{_NONE} (likeliest: {self.classes[0]})"
        return text + (
            f" (truth: {_named(self.true_labels)})" if self.true_labels is not None else ""
        )

    def row(self, known: bool) -> list[Cell]:
        """The predicted classes, the likeliest ones, and the true ones if any are `known`."""
        labels = tuple(each.name for each in self.labels)
        return [
            Cell("input", shown.name(self.input)),
            Cell("labels", _named(labels), "bold"),
            Cell("likeliest", ", ".join(map(str, self.classes)), "dim"),
            *(
                [
                    Cell(
                        "true labels",
                        _named(self.true_labels or ()),
                        "green" if self.true_labels == labels else "red",
                    )
                ]
                if known
                else []
            ),
        ]


def _named(labels: Iterable[str]) -> str:
    return ", ".join(map(shown.name, labels)) or _NONE


def decoded(rows: np.ndarray, metadata: Mapping[str, Any], top_k: int) -> Sequence[np.ndarray]:
    """The predicted and the likeliest classes.

    Args:
        rows: float (num_inputs, num_classes).
        metadata: `class_names` and `thresholds`, in the order of the classes, are read.
        top_k: classes of an input that are named with their probability.

    Returns:
        `Labels` as objects (num_inputs,); names as objects, probabilities and thresholds, the
        likeliest first, (num_inputs, top_k).
    """
    order, names, probabilities = classification.ranked(rows, metadata, top_k)
    thresholds = np.array(metadata["thresholds"])[order]
    return _labels(rows, metadata), names, probabilities, thresholds


def _labels(rows: np.ndarray, metadata: Mapping[str, Any]) -> np.ndarray:
    """`Labels` of probabilities (num_examples, num_classes); as objects, (num_examples,)."""
    names, thresholds = metadata["class_names"], metadata["thresholds"]
    separator = metadata.get("recipe", {}).get("data", {}).get("label_separator", "|")
    found = np.empty(len(rows), object)
    found[:] = [
        Labels(
            tuple(
                Class(names[index], float(row[index]), thresholds[index])
                for index in np.flatnonzero(row >= thresholds)
            ),
            separator,
        )
        for row in rows.astype(np.float32)
    ]
    return found


def prediction(name: str, found: Sequence[Any], truth: Any, cells: Mapping[str, Any]) -> Prediction:
    """One of the inputs that were `decoded`."""
    labels, classes, probabilities, thresholds = found
    likeliest = map(Class, classes, probabilities.tolist(), thresholds.tolist())
    known = None if truth is None else tuple(filter(None, truth.split(labels.separator)))
    return Prediction(name, labels.classes, tuple(likeliest), known, cells=cells)


def truths(targets: np.ndarray, metadata: Mapping[str, Any]) -> Sequence[str]:
    """The true classes, in one cell."""
    certain = {**metadata, "thresholds": [1.0] * targets.shape[1]}
    return [str(each) for each in _labels(targets, certain)]


def columns(metadata: Mapping[str, Any], top_k: int) -> tuple[Sequence[Column], Column]:
    """A column for the predicted classes, a pair for each rank, and one for the truth."""
    predicted, true = target_names(metadata, "labels")
    ranked, _ = classification.columns({**metadata, "target": ""}, top_k)
    return [Column(predicted, "string"), *ranked], Column(true, "string")


def cells(
    found: Sequence[np.ndarray], errors: Iterable[int], exact: bool
) -> Sequence[Sequence[Any]]:
    """Cells of `columns`: probabilities with 6 decimals, or `exact`."""
    labels, names, probabilities, _ = found
    of_ranks = classification.cells((names, probabilities), errors, exact)
    return [[None if each is None else str(each) for each in labels], *of_ranks]


def changed(
    expected: np.ndarray, others: np.ndarray, targets: np.ndarray, metadata: Mapping[str, Any]
) -> float:
    """Of the classes that either of the two predicts, the share that the other does not."""
    first, second = (each >= metadata["thresholds"] for each in (expected, others))
    return float((first != second).sum() / max((first | second).sum(), 1))
