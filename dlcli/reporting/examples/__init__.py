"""What a run keeps of the examples of its test split: how they are grouped, and the worst of them.

One file per kind of data; `dlcli.reporting.protocols.ReportedExamples` says what such a file holds.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dlcli import files, kinds
from dlcli.data import Split
from dlcli.errors import DlcliError
from dlcli.evaluation.predictions import Predictions
from dlcli.reporting import outputs
from dlcli.reporting.protocols import ReportedExamples
from dlcli.runs import documents
from dlcli.runs.run_dir import RunDir


def with_attributes(
    predictions: Predictions, split: Split, metadata: Mapping[str, Any]
) -> Predictions:
    """The same predictions with what is known of their examples."""
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
        for position in outputs.of(predictions.task).worst(predictions, kind.NUM_SHOWN)
    ]
    files.write_json(file_of(run), found)


def worst(
    run: RunDir, kept: Predictions | None, metadata: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """What `write_worst` wrote, if anything, with truth and answer beside it."""
    path = file_of(run)
    if not kept or not path.exists():
        return []
    report, found = outputs.of(kept.task), documents.worst(path)
    try:
        return [{**example, **report.shown(kept, example, metadata)} for example in found]
    except LookupError:
        raise DlcliError(
            f"the files in {run.predictions} and {run.metadata} do not fit together: the mistakes "
            "are of other examples or classes.",
            documents.PUT_BACK,
        ) from None


def file_of(run: RunDir) -> Path:
    """Where a run keeps its worst answers."""
    return run.predictions / "worst.json"


def sample_of(run: RunDir) -> Path:
    """Where a run keeps a text that its model wrote."""
    return run.predictions / "sample.txt"


def _of(task: str) -> ReportedExamples:
    examples: ReportedExamples = kinds.module("reporting.examples", kinds.for_task(task))
    return examples
