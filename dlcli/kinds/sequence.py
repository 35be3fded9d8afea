"""Whole series with a label each."""

from __future__ import annotations

from dlcli.kinds.kind import Kind
from dlcli.outputs import classification

KIND = Kind(
    "sequence",
    tasks={"sequence-classification": classification.OUTPUT},
    unit="series",
    example_recipe="sequence-lstm",
    source="sequence_file",
    source_description="a .ts file of the UCR and UEA archives, or a table",
    keys_of_0_1={"copies": "apart", "decimal": ".", "thousands": "none", "units": "keep"},
    inputs=("files", "rows", "values"),
)
