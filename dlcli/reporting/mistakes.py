"""The worst answers, each with what was asked and what would have been right."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from dlcli import kinds
from dlcli.errors import DlcliError
from dlcli.evaluation.predictions import Predictions
from dlcli.inputs import forecasts
from dlcli.reporting.examples import read_worst
from dlcli.runs import documents
from dlcli.runs.run_dir import RunDir


def of(run: RunDir, kept: Predictions | None, metadata: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the run kept of its worst answers, with truth and answer beside it.

    Raises:
        DlcliError: what it kept is damaged.
    """
    if not kept:
        return []
    answer = kinds.output_of(kept.task).name
    worst = read_worst(run)
    try:
        return [{**example, **_answered(answer, kept, example, metadata)} for example in worst]
    except LookupError:
        raise DlcliError(
            f"the files in {run.predictions} and {run.metadata} do not fit together: the mistakes "
            "are of other examples or classes.",
            documents.PUT_BACK,
        ) from None


def _answered(
    answer: str, kept: Predictions, example: dict[str, Any], metadata: Mapping[str, Any]
) -> dict[str, Any]:
    position = example["position"]
    answers = kept.answers
    if answer == "classification":
        names = metadata["class_names"]
        confidence = float(answers["confidence"][position])
        true = float(answers["true_probability"][position])
        return {
            "truth": names[int(answers["truth"][position])],
            "answer": names[int(answers["predicted"][position])],
            "confidence": f"{100 * confidence:.0f} %",
            "true_probability": f"{100 * true:.2g} %",
        }
    if answer == "regression":
        truth, predicted = (float(answers[name][position]) for name in ("truth", "predicted"))
        error = predicted - truth
        # As many decimals as it takes to see a small error of a large number.
        decimals = (
            min(max(2 - math.floor(math.log10(abs(error))), 0), 9) if 0 < abs(error) < 1 else 0
        )
        return {
            "truth": _number(truth, decimals),
            "answer": _number(predicted, decimals),
            "error": _number(error, 0, "+"),
        }
    if answer == "forecasting":
        row = int(np.flatnonzero(answers["rows"] == position)[0])
        forecast = forecasts.from_metadata(metadata["forecast"])
        error = kept.terms["squares"][position] / kept.terms["known"][position]
        return {
            "targets": [target.name for target in forecast.targets],
            "true_values": _lists(answers["truth"][row]),
            "forecast": _lists(answers["predicted"][row]),
            "error": f"{error:.3g}",
        }
    return {
        "error": f"{kept.terms['loss'][position]:.3f}",
        "characters": _characters(example, answers.get("losses"), position),
    }


def _number(value: float, decimals: int, sign: str = "") -> str:
    is_usual = 1000 <= abs(value) < 1e15
    return f"{value:{sign},.{decimals}f}" if is_usual else f"{value:{sign},.4g}"


def _lists(values: np.ndarray) -> list[list[float | None]]:
    """(horizon, num_targets) as a list for each target, None where a value is missing."""
    return [
        [None if np.isnan(value) else value for value in target] for target in values.T.tolist()
    ]


def _characters(
    example: dict[str, Any], losses: np.ndarray | None, position: int
) -> list[tuple[str, int]]:
    """Each character that was to follow, and how hard it was, from 0 to 4: nats, rounded."""
    following = example["next"]
    own = losses[position] if losses is not None else np.zeros(len(following))
    return [
        (character, min(int(loss), 4))
        for character, loss in zip(following, np.atleast_1d(own), strict=False)
    ]
