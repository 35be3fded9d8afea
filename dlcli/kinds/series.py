"""One long series, of which windows are forecast."""

from __future__ import annotations

from dlcli.kinds.kind import Kind
from dlcli.outputs import forecasting

KIND = Kind(
    "series",
    tasks={"series-forecasting": forecasting.OUTPUT},
    unit="windows",
    example_recipe="series-lstm",
    source="series_file",
    source_description="a CSV, TSV, JSON lines or Parquet file with a row a step",
    keys_of_0_1={"decimal": ".", "thousands": "none", "units": "keep"},
    examples_depend=True,
    inputs=("files", "rows", "values"),
)
