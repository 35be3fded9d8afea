"""Rows of a table."""

from __future__ import annotations

from dlcli.kinds.kind import Kind
from dlcli.outputs import classification, regression

KIND = Kind(
    "table",
    tasks={"table-classification": classification.OUTPUT, "table-regression": regression.OUTPUT},
    unit="rows",
    example_recipe="table-mlp",
    source="table_file",
    source_description="a CSV, TSV, JSON lines or Parquet file",
    keys_of_0_1={"copies": "apart", "decimal": ".", "thousands": "none", "units": "keep"},
    input_metadata=("columns",),
    inputs=("files", "rows"),
    largest_batch=8192,
)
