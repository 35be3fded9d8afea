"""Probabilities of a text's next character: where they were low."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from dlcli.evaluation.bootstrap import Interval
from dlcli.evaluation.predictions import Predictions
from dlcli.metric_names import format_metric
from dlcli.reporting import figures as drawn
from dlcli.reporting import results
from dlcli.reporting.outputs import largest
from dlcli.runs.run_dir import RunDir

HEADING = "Text"
WORST = "Hardest texts"
WORST_NOTE = (
    "The characters that were to be foreseen; the darker, the less the model expected them "
    "(1 to 4 nats and more)."
)
PREDICTS = "one of {:,} classes"
GENERATES = ("--length 1000", "write a text")
_BITS = "bits"


def complete(result: dict[str, Any], test: Mapping[str, Any]) -> None:
    """Add the loss in bits."""
    loss = result["headline"]
    loss["title"] += " (nats a character)"
    result["rows"].insert(1, _in_bits(loss))


def figures(
    run: RunDir, kept: Predictions | None, test: Mapping[str, Any], metadata: Mapping[str, Any]
) -> dict[str, Any]:
    """`by_step`, the loss over what was read before."""
    return {"by_step": drawn.loss_by_position(kept, test["loss"])} if kept else {}


def worst(kept: Predictions, count: int) -> list[int]:
    """Windows with the largest loss."""
    return largest(kept.terms["loss"], count)


def shown(
    kept: Predictions, example: Mapping[str, Any], metadata: Mapping[str, Any]
) -> dict[str, Any]:
    """`error` in nats, and `characters`: each with how hard it was, from 0 to 4 nats, rounded."""
    following, losses = example["next"], kept.answers.get("losses")
    own = losses[example["position"]] if losses is not None else np.zeros(len(following))
    return {
        "error": f"{kept.terms['loss'][example['position']]:.3f}",
        "characters": [
            (character, min(int(loss), 4))
            for character, loss in zip(following, np.atleast_1d(own), strict=False)
        ],
    }


def _in_bits(row: dict[str, Any]) -> dict[str, Any]:
    """The loss in bits a character: what an ideal compressor would need with these answers."""

    def bits(cell: dict[str, Any]) -> dict[str, Any]:
        value = None if cell["value"] is None else cell["value"] / math.log(2)
        return {"value": value, "text": format_metric(_BITS, value)}

    interval = row["interval"] and [bound / math.log(2) for bound in row["interval"]]
    return {
        "name": _BITS,
        "title": "Bits a character",
        "test": bits(row["test"]),
        "interval": interval,
        "interval_text": results.written(_BITS, Interval(*interval), None) if interval else "",
        "validation": bits(row["validation"]),
        "baselines": [bits(cell) for cell in row["baselines"]],
    }
