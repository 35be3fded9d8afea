"""Rows of tables: grouped by the values of each column, shown as column and value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dlcli.data import Split

NUM_SHOWN = 12
_MAX_COLUMNS = 12  # that examples are grouped by
_MAX_VALUES = 8  # of a category that are told apart
_OTHERS, _MISSING = "all others", "missing"


def attributes(
    split: Split, metadata: Mapping[str, Any]
) -> tuple[dict[str, np.ndarray], dict[str, Sequence[str]]]:
    """Each column: of numbers the numbers, of categories the commonest values and the rest."""
    found: dict[str, np.ndarray] = {}
    groups: dict[str, Sequence[str]] = {}
    columns = metadata["input"]["columns"]
    # Categories first: their groups are the ones that mean something by themselves.
    for column in sorted(columns, key=lambda each: each["kind"] == "number")[:_MAX_COLUMNS]:
        name, values = column["name"], split.inputs[column["key"]][split.rows]
        if values.dtype.kind == "f":
            found[name] = values
            continue
        texts = [str(value) or _MISSING for value in values]
        common = [text for text, _ in Counter(texts).most_common(_MAX_VALUES)]
        has_others = len(set(texts)) > len(common)
        groups[name] = [*common, *([_OTHERS] if has_others else [])]
        places = {text: place for place, text in enumerate(common)}
        found[name] = np.array([places.get(text, len(common)) for text in texts], np.int32)
    return found, groups


def shown(split: Split, position: int, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """`row`, each column that the model reads with its value, None where it is missing."""
    row = int(split.rows[position])
    found: dict[str, Any] = {}
    for column in metadata["input"]["columns"]:
        value = split.inputs[column["key"]][row]
        if isinstance(value, str):
            found[column["name"]] = value or None
        else:
            # A number as it was written, not with the digits that its dtype adds.
            digits = 7 if value.dtype == np.float32 else 15
            found[column["name"]] = None if np.isnan(value) else f"{value:.{digits}g}"
    return {"row": found}
