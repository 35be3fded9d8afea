"""What a run keeps of the examples of its test split: how they are grouped, and the worst of them.

One file a kind of data, with `attributes`, by which examples are grouped, and `shown`, what a
report can show of one example.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from dlcli import files, kinds
from dlcli.data import Split
from dlcli.evaluation.predictions import Predictions
from dlcli.runs import documents
from dlcli.runs.run_dir import RunDir

_NUM_SHOWN = {"classification": 12, "regression": 12, "forecasting": 6, "next_token": 6}
_NUM_PICTURES = 24  # which take little room


def with_attributes(
    predictions: Predictions, split: Split, metadata: Mapping[str, Any]
) -> Predictions:
    """The same predictions with what is known of their examples.

    Args:
        predictions: of the split.
        split: raw examples.
        metadata: the model's.
    """
    attributes, groups = _of(predictions.task).attributes(split, metadata)
    return dataclasses.replace(predictions, attributes=attributes, groups=groups)


def write_worst(
    run: RunDir, predictions: Predictions, split: Split, metadata: Mapping[str, Any]
) -> None:
    """Write what a report shows of the worst answers, into `predictions/worst.json`."""
    kind = _of(predictions.task)
    found = [
        {
            "position": position,
            "name": split.name(position),
            **kind.shown(split, position, metadata),
        }
        for position in worst(predictions)
    ]
    files.write_json(file_of(run), found)


def read_worst(run: RunDir) -> list[dict[str, Any]]:
    """Read what `write_worst` wrote, [] where there is nothing.

    Raises:
        DlcliError: the file is damaged.
    """
    path = file_of(run)
    return documents.worst(path) if path.exists() else []


def file_of(run: RunDir) -> Path:
    """Where a run keeps its worst answers."""
    return run.predictions / "worst.json"


def sample_of(run: RunDir) -> Path:
    """Where a run keeps a text that its model wrote."""
    return run.predictions / "sample.txt"


def worst(predictions: Predictions) -> list[int]:
    """Positions of the worst answers, the worst first: of a classification wrong ones only."""
    answer = kinds.output_of(predictions.task).name
    terms, apart = predictions.terms, 1
    is_image = kinds.for_task(predictions.task).name == "image"
    num_shown = _NUM_PICTURES if is_image else _NUM_SHOWN[answer]
    if answer == "classification":
        badness = np.where(terms["accuracy"] == 1, -np.inf, terms["loss"])
    elif answer == "regression":
        badness = terms["absolute_error"]
    elif answer == "forecasting":
        known = terms["known"]
        badness = np.where(known > 0, terms["squares"] / np.maximum(known, 1), -np.inf)
        # Only what the run keeps can be shown, and neighbours show the same mistake.
        kept = np.full(len(predictions), -np.inf)
        rows = predictions.answers["rows"]
        kept[rows] = badness[rows]
        badness, apart = kept, predictions.answers["truth"].shape[1]
    else:
        badness = terms["loss"]
    chosen: list[int] = []
    for position in np.argsort(-badness, kind="stable").tolist():
        if len(chosen) == num_shown or badness[position] == -np.inf:
            break
        if all(abs(position - other) >= apart for other in chosen):
            chosen.append(position)
    return chosen


def _of(task: str) -> Any:
    return kinds.module("reporting.examples", kinds.for_task(task))
