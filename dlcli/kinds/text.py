"""Texts with a label each."""

from __future__ import annotations

from dlcli.kinds.kind import Kind
from dlcli.outputs import classification, multilabel

KIND = Kind(
    "text",
    tasks={
        "text-classification": classification.OUTPUT,
        "text-multilabel": multilabel.OUTPUT,
    },
    unit="texts",
    example_recipe="text-bilstm",
    source="text_file",
    source_description="a CSV, TSV, JSON lines or Parquet file, or a folder of text files",
    keys_of_0_1={"copies": "apart"},
    inputs=("files", "rows", "texts"),
)
