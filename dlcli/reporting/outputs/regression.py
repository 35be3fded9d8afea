"""Numbers beside the true ones."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from dlcli.evaluation.predictions import Predictions
from dlcli.reporting import figures as drawn
from dlcli.reporting.outputs import largest
from dlcli.runs.run_dir import RunDir

HEADING = "Answers"
WORST = "Worst answers"
WORST_NOTE = PREDICTS = ""
GENERATES = complete = None


def figures(
    run: RunDir, kept: Predictions | None, test: Mapping[str, Any], metadata: Mapping[str, Any]
) -> dict[str, Any]:
    """`answers`, predictions over true values."""
    return {"answers": drawn.truth_and_prediction(kept, metadata["target"])} if kept else {}


def worst(kept: Predictions, count: int) -> list[int]:
    """Predictions with the largest absolute error."""
    return largest(kept.terms["absolute_error"], count)


def shown(
    kept: Predictions, example: Mapping[str, Any], metadata: Mapping[str, Any]
) -> dict[str, Any]:
    """`truth`, `answer` and the `error` between them."""
    position = example["position"]
    truth, predicted = (float(kept.answers[name][position]) for name in ("truth", "predicted"))
    error = predicted - truth
    # As many decimals as it takes to see a small error of a large number.
    decimals = min(max(2 - math.floor(math.log10(abs(error))), 0), 9) if 0 < abs(error) < 1 else 0
    return {
        "truth": _number(truth, decimals),
        "answer": _number(predicted, decimals),
        "error": _number(error, 0, "+"),
    }


def _number(value: float, decimals: int, sign: str = "") -> str:
    is_usual = 1000 <= abs(value) < 1e15
    return f"{value:{sign},.{decimals}f}" if is_usual else f"{value:{sign},.4g}"
