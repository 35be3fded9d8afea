"""Whether a classifier is as often right as it is sure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

NUM_BINS = 10


@dataclass(frozen=True)
class Bin:
    """Answers of about the same confidence.

    Args:
        low, high: bounds of the confidence, 0 to 1.
        confidence: their mean confidence, None of none.
        accuracy: the share of them that is right, None of none.
    """

    low: float
    high: float
    examples: int
    confidence: float | None
    accuracy: float | None


def bins(confidence: np.ndarray, correct: np.ndarray) -> list[Bin]:
    """Sort answers into bins of equal width by their confidence, (num_examples,) from 0 to 1."""
    places = np.minimum((confidence * NUM_BINS).astype(int), NUM_BINS - 1)
    found = []
    for place in range(NUM_BINS):
        inside = places == place
        count = int(inside.sum())
        found.append(
            Bin(
                place / NUM_BINS,
                (place + 1) / NUM_BINS,
                count,
                float(confidence[inside].mean(dtype=np.float64)) if count else None,
                float(correct[inside].mean(dtype=np.float64)) if count else None,
            )
        )
    return found


def expected_error(found: list[Bin]) -> float:
    """The expected calibration error, 0 to 1.

    How far confidence and accuracy are apart in a bin, on average over the examples (M. Naeini,
    G. Cooper and M. Hauskrecht, Obtaining well calibrated probabilities using Bayesian binning,
    2015).
    """
    total = sum(each.examples for each in found)
    apart = (
        each.examples * abs(each.accuracy - each.confidence)
        for each in found
        if each.accuracy is not None and each.confidence is not None
    )
    return sum(apart) / total if total else 0.0
