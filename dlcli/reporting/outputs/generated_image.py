"""Images that were made, beside real ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dlcli.evaluation.predictions import Predictions
from dlcli.metric_names import format_metric
from dlcli.reporting import figures as drawn
from dlcli.runs.run_dir import RunDir

HEADING = "Pictures"
WORST = WORST_NOTE = PREDICTS = ""
GENERATES = ("--count 64 --output made.png", "make pictures")


def complete(result: dict[str, Any], test: Mapping[str, Any]) -> None:
    """Add to the verdict how large a distance chance alone gives."""
    if result["verdict"].get("outcome") and "real_halves_distance" in test:
        halves = format_metric("frechet_distance", test["real_halves_distance"])
        result["verdict"]["text"] += (
            f" Two halves of the real pictures are {halves} apart: chance alone gives that much."
        )


def figures(
    run: RunDir, kept: Predictions | None, test: Mapping[str, Any], metadata: Mapping[str, Any]
) -> dict[str, Any]:
    """`pictures` with their titles."""
    return {"pictures": drawn.pictures(run)}


def worst(kept: Predictions, count: int) -> list[int]:
    """None: a picture has no true one beside it."""
    return []


def shown(
    kept: Predictions, example: Mapping[str, Any], metadata: Mapping[str, Any]
) -> dict[str, Any]:
    """Nothing: see `worst`."""
    return {}
