"""A row with a field for each column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dlcli.serving import forms

_COLUMNS_IN_EXAMPLE = 3


def page(document: Mapping[str, Any], serving: str, writes_text: bool) -> dict[str, Any]:
    """Its form, with the columns; rows are sent in a file or by both protocols."""
    form, names = document["input"], document["class_names"]
    columns = form["columns"]
    given = f"{len(columns)} columns" if len(columns) > 1 else columns[0]["name"]
    of_classes = f": {forms.classes(names)}" if names else ""
    row = _row(columns[:_COLUMNS_IN_EXAMPLE], "name")
    return {
        "form": "table",
        "does": f"Predicts {document.get('target') or 'a number'} from {given}{of_classes}.",
        "examples": [
            ("Rows of a file", f"curl -F file=@rows.csv {forms.PREDICT}"),
            ("A row", forms.post(forms.PREDICT, {"rows": [row]})),
            (forms.REST, forms.post(serving, {"instances": [_row(columns, "key")]})),
        ],
        "columns": [{key: each[key] for key in ("name", "kind", "categories")} for each in columns],
        "required": form["missing"] == "fail",
    }


def _row(columns: Sequence[Mapping[str, Any]], key: str) -> dict[str, Any]:
    return {
        column[key]: 1.0 if column["kind"] == "number" else next(iter(column["categories"]), "")
        for column in columns
    }
