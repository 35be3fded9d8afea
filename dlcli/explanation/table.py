"""Rows of tables: what the answer would be if a column held what it usually does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from dlcli.explanation import integrated_gradients, occlusion
from dlcli.explanation.attribution import Attribution, Explained, Method, Places
from dlcli.explanation.drawings.columns import draw
from dlcli.explanation.subject import Subject
from dlcli.inputs import columns
from dlcli.inputs.examples import Examples

__all__ = ["AUTOMATIC", "METHODS", "draw", "places"]

AUTOMATIC = ("occlusion",)


def places(subject: Subject, raw: Examples) -> Places:
    """The columns with the cells of the row, and what is typical of each."""
    chosen = columns.from_metadata(subject.metadata["input"]["columns"])
    return Places(
        [column.name for column in chosen],
        [_cell(raw[column.key][0]) for column in chosen],
        [_cell(subject.typical[column.key]) for column in chosen],
    )


def typical(examples: Mapping[str, np.ndarray], rows: np.ndarray) -> dict[str, Any]:
    """The cell that stands for each column: the median of numbers, the commonest category.

    Args:
        examples: raw, by key.

    Returns:
        By key; NaN or "" for a column without any value.
    """
    found: dict[str, Any] = {}
    for key, every in examples.items():
        values = every[rows]
        if values.dtype.kind == "f":
            present = values[~np.isnan(values)]
            found[key] = values.dtype.type(np.median(present) if len(present) else np.nan)
        else:
            names, counts = np.unique(values[values != ""].astype(str), return_counts=True)
            found[key] = str(names[counts.argmax()]) if len(names) else ""
    return found


def _occlusion(subject: Subject) -> Method:
    def attribute(raw: dict[str, np.ndarray], explained: Explained) -> Attribution:
        chosen = columns.from_metadata(subject.metadata["input"]["columns"])
        variants: list[Examples] = []
        for column in chosen:
            cell = np.array([subject.typical[column.key]], raw[column.key].dtype)
            variants.append({**raw, column.key: cell})
        reference = f"the row with one column as it usually is in {subject.typical_of}"
        return occlusion.attribution(subject, explained, raw, variants, reference)

    return attribute


def _integrated_gradients(subject: Subject) -> Method:
    def attribute(raw: dict[str, np.ndarray], explained: Explained) -> Attribution:
        network = subject.network
        usual = {key: np.array([subject.typical[key]], values.dtype) for key, values in raw.items()}
        (reference,) = network.numbers(usual)
        named = f"a row of what is usual in {subject.typical_of}"
        numbers = network.numbers(raw)
        found = integrated_gradients.attribution(subject, explained, numbers, [reference], named)
        owners = _owners(network.preprocessor)
        num_columns = len(subject.metadata["input"]["columns"])
        by_column = np.bincount(owners, found.values, minlength=num_columns)
        return replace(found, values=by_column)

    return attribute


METHODS = {"occlusion": _occlusion, "integrated-gradients": _integrated_gradients}


def _owners(preprocessor: Any) -> np.ndarray:
    """The column that each feature is made of, int (num_features,).

    In the order of `dlcli.layers.table_features`: numbers, their indicators, then categories.
    """
    layer = preprocessor.get_layer("numeric").get_layer("table.features")
    numbers = [place for place, each in enumerate(layer.columns) if "mean" in each]
    owners = numbers + [place for place in numbers if layer.columns[place]["indicator"]]
    for place, each in enumerate(layer.columns):
        if "mean" not in each:
            owners += [place] * (each["num_categories"] + each["other"] + each["indicator"])
    return np.array(owners)


def _cell(value: Any) -> str | float | None:
    """A cell as a document has it."""
    if isinstance(value, str):
        return value or None
    # As text a float32 has the digits that it knows, and no others.
    return None if np.isnan(value) else float(str(value))
