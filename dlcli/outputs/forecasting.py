"""The next steps of a series, in the units of each of its targets."""

from __future__ import annotations

from dlcli.outputs.output import LOSS, Metric, Output

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
    metadata=("forecast",),
    has_units=True,
    has_steps=True,
)
