"""Tables to numbers."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import keras
import numpy as np

from dlcli import preprocessing
from dlcli.data import DataSpec, Split, table_file
from dlcli.inputs import affine
from dlcli.layers.table_columns import TableColumns
from dlcli.layers.table_features import TableFeatures
from dlcli.recipe.sections.table import Data, Preprocessing


def adapt(options: Preprocessing, train: Split, spec: DataSpec) -> keras.Model:
    """Build the preprocessor; see `dlcli.preprocessing.protocols.Preprocessing`.

    Its layer "numeric" is all of it that needs no strings: float32 (batch, num_columns),
    named "columns", to the features. TFLite starts there.

    Returns:
        A dict of columns, each float32 or string (batch,), to float32 (batch, num_features).
    """
    examples, _ = train.gather_for_model(np.arange(len(train)))
    inputs: dict[str, keras.KerasTensor] = {}
    categories: list[list[str] | None] = []
    features: list[dict[str, Any]] = []
    for column in spec.columns:
        values = examples[column.key]
        is_number = column.kind == "number"
        dtype = "float32" if is_number else "string"
        inputs[column.key] = keras.Input((), dtype=dtype, name=column.key)
        if is_number:
            categories.append(None)
            features.append(_number(values, options))
        else:
            names, feature = _category(values, options)
            categories.append(names)
            features.append(feature)
    # Names with a dot cannot be those of a column; see `dlcli.inputs.columns.keys`.
    joined = TableColumns(categories, dtype="float32", name="table.columns")(list(inputs.values()))
    matrix = keras.Input((len(spec.columns),), dtype="float32", name="columns")
    layer = TableFeatures(features, options.clip, dtype="float32", name="table.features")
    numeric = keras.Model(matrix, layer(matrix), name="numeric")
    return keras.Model(inputs, numeric(joined), name="preprocessor")


def describe(
    data: Data, options: Preprocessing, spec: DataSpec, preprocessor: keras.Model
) -> dict[str, Any]:
    """The `input` entry of the metadata: what predicting needs to turn a table into examples."""
    layer = preprocessor.get_layer("table.columns")
    columns = [
        replace(column, categories=tuple(names or ()))
        for column, names in zip(spec.columns, layer.categories, strict=True)
    ]
    return {
        "columns": [asdict(column) for column in columns],
        "missing": options.missing,
        "reading": table_file.reading(data),
    }


numbers = preprocessing.at_once


def _number(values: np.ndarray, options: Preprocessing) -> dict[str, Any]:
    present = values[~np.isnan(values)]
    mean, scale = affine.mean_and_std(present)
    return {
        "mean": mean,
        "scale": scale,
        "indicator": options.missing == "indicator" and len(present) < len(values),
    }


def _category(values: np.ndarray, options: Preprocessing) -> tuple[list[str], dict[str, Any]]:
    """The categories that are told apart, sorted, and the feature's description."""
    names, counts = np.unique(values[values != ""].astype(str), return_counts=True)
    common = np.flatnonzero(counts >= options.min_category_count)
    common = common[np.argsort(-counts[common], kind="stable")][: options.max_categories]
    chosen = [str(names[place]) for place in sorted(common)]
    return chosen, {
        "num_categories": len(chosen),
        "other": len(chosen) < len(names),
        "indicator": options.missing == "indicator" and bool((values == "").any()),
    }
