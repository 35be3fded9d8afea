"""Any number of classes: the examples whose classes are the most wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dlcli.evaluation.predictions import Predictions
from dlcli.reporting.outputs import largest

HEADING = "Predictions"
WORST = "Worst mistakes"
WORST_NOTE = (
    "Examples with wrong classes, those with the largest loss first. With each: its "
    '<span class="truth">true classes</span>, and the <span class="answer">predicted ones</span>.'
)
PREDICTS = "any of {:,} classes"
GENERATES = complete = figures = None


def worst(kept: Predictions, count: int) -> list[int]:
    """Those with a wrong class, by their loss."""
    return largest(np.where(kept.terms["exact_match"] == 1, -np.inf, kept.terms["loss"]), count)


def shown(
    kept: Predictions, example: Mapping[str, Any], metadata: Mapping[str, Any]
) -> dict[str, Any]:
    """`truth` and `answer`, names of classes, and the `error`, the loss."""
    terms, position, names = kept.terms, example["position"], metadata["class_names"]

    def having(*counted: str) -> Sequence[str]:
        has = np.logical_or.reduce([terms[name][position] for name in counted])
        return [names[index] for index in np.flatnonzero(has)]

    return {
        "truth": ", ".join(having("hit", "missed")) or "no class",
        "answer": ", ".join(having("hit", "false")) or "no class",
        "error": f"loss {terms['loss'][position]:.3f}",
    }
