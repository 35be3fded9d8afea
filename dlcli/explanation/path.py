"""Integrated gradients of a `Network`, whatever the kind of data."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dlcli.explanation import integrated_gradients
from dlcli.explanation.attribution import Attribution, Explained
from dlcli.explanation.subject import Subject

METHOD = "integrated-gradients"


def attribution(
    subject: Subject,
    explained: Explained,
    numbers: np.ndarray,
    references: Sequence[np.ndarray],
    named: str,
) -> Attribution:
    """Integrated gradients from references to an input, the mean over the references.

    Args:
        subject: has gradients.
        explained: which part of the answer.
        numbers: the example as the core takes it, (1, ...).
        references: each as the points of `Network`, (...).
        named: what to call the references.

    Returns:
        Values of the shape of the points.
    """
    network = subject.network
    (points,) = network.points(numbers)

    def gradient(batch: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return network.gradient(numbers, batch, explained.index)

    parts = [
        integrated_gradients.integrate(gradient, points, reference) for reference in references
    ]
    return Attribution(
        METHOD,
        np.mean([part.values for part in parts], axis=0),
        subject.unit(explained),
        reference=named,
        score=parts[0].score,
        reference_score=float(np.mean([part.reference_score for part in parts])),
        gap=float(np.mean([part.gap for part in parts])),
        num_points=sum(part.num_points for part in parts),
    )
