"""One number, in its own units."""

from __future__ import annotations

from dlcli.outputs.output import LOSS, Metric, Output

OUTPUT = Output(
    "regression",
    metrics=(
        Metric("rmse", "RMSE"),
        Metric("mae", "MAE"),
        Metric("r2", "R²", higher_is_better=True, num_decimals=4),
        LOSS,
    ),
    chooses_epoch="rmse",
    has_labels=True,
    has_units=True,
)
