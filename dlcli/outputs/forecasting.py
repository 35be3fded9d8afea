"""The next steps of a series, in the units of each of its targets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dlcli.json_checks import MISSING, NUMBER, TEXT, Object, list_of, whole, within
from dlcli.outputs.output import LOSS, Metric, Output

_SCALED = list_of(Object({"name": TEXT, "mean": NUMBER, "std": NUMBER}))
_FORECAST = Object({"columns": _SCALED, "targets": _SCALED, "horizon": whole})


def _check(document: Mapping[str, Any]) -> None:
    """See that there is what is forecast from what."""
    within("forecast", document.get("forecast", MISSING), _FORECAST)


OUTPUT = Output(
    "forecasting",
    metrics=(
        Metric("scaled_mse", "MSE (scaled)", is_scaled=True),
        Metric("scaled_mae", "MAE (scaled)", is_scaled=True),
        Metric("rmse", "RMSE"),
        Metric("mae", "MAE"),
        LOSS,
    ),
    chooses_epoch="scaled_mse",
    check_metadata=_check,
    has_units=True,
    has_steps=True,
)
