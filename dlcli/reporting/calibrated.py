"""Whether the model is as often right as it is sure."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from dlcli.evaluation import calibration
from dlcli.evaluation.predictions import Predictions


def of(kept: Predictions | None) -> dict[str, Any]:
    """Bins of confidence, and the expected calibration error; {} where nothing is classified."""
    if not kept or "confidence" not in kept.answers:
        return {}
    confidence, correct = kept.answers["confidence"], kept.terms["accuracy"] == 1
    bins = calibration.bins(confidence, correct)
    error = calibration.expected_error(bins)
    sure, right = float(confidence.mean(dtype="float64")), float(correct.mean())
    way = "more sure than right" if sure > right else "more often right than sure"
    return {
        "bins": [asdict(each) for each in bins],
        "expected_error": error,
        "text": f"{100 * error:.1f} %",
        "sentence": f"On average the model is {way}: its mean confidence is {100 * sure:.1f} %, "
        f"and {100 * right:.1f} % of its answers are right.",
    }
