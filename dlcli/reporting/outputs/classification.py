"""Classes: the mistakes of which the model was surest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from dlcli.evaluation.predictions import Predictions
from dlcli.reporting.outputs import largest

HEADING = "Answers"
WORST = "Worst mistakes"
WORST_NOTE = (
    'Wrong answers of which the model was surest. Written below each: the <span class="truth">truth'
    '</span>, and the <span class="answer">answer</span> with its confidence.'
)
PREDICTS = "one of {:,} classes"
GENERATES = complete = figures = None


def worst(kept: Predictions, count: int) -> list[int]:
    """Wrong predictions with the largest loss."""
    return largest(np.where(kept.terms["accuracy"] == 1, -np.inf, kept.terms["loss"]), count)


def shown(
    kept: Predictions, example: Mapping[str, Any], metadata: Mapping[str, Any]
) -> dict[str, Any]:
    """`truth` and `answer`, names of classes, with the probability of each."""
    position, names, answers = example["position"], metadata["class_names"], kept.answers
    confidence = float(answers["confidence"][position])
    true = float(answers["true_probability"][position])
    return {
        "truth": names[int(answers["truth"][position])],
        "answer": names[int(answers["predicted"][position])],
        "confidence": f"{100 * confidence:.0f} %",
        "true_probability": f"{100 * true:.2g} %",
    }
