"""The worst answers, each with what was asked and what would have been right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dlcli.errors import DlcliError
from dlcli.evaluation.predictions import Predictions
from dlcli.reporting import outputs
from dlcli.reporting.examples import read_worst
from dlcli.runs import documents
from dlcli.runs.run_dir import RunDir


def of(run: RunDir, kept: Predictions | None, metadata: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the run kept of its worst answers, with truth and answer beside it."""
    if not kept:
        return []
    report, worst = outputs.of(kept.task), read_worst(run)
    try:
        return [{**example, **report.shown(kept, example, metadata)} for example in worst]
    except LookupError:
        raise DlcliError(
            f"the files in {run.predictions} and {run.metadata} do not fit together: the mistakes "
            "are of other examples or classes.",
            documents.PUT_BACK,
        ) from None
