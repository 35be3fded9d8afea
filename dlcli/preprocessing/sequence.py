"""Whole series to numbers."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from dlcli.data import DataSpec, Split, table_file
from dlcli.inputs import affine
from dlcli.preprocessing import series
from dlcli.recipe.sections.sequence import Data, Preprocessing


def adapt(options: Preprocessing, train: Split, spec: DataSpec) -> keras.Model:
    """Build the preprocessor; see `dlcli.preprocessing.protocols.Preprocessing`.

    Returns:
        float32 (batch, steps, channels) in original units, NaN where a value is missing and after
        the end of a series, to the same with standard scores and without gaps; after the end of a
        series NaN still.
    """
    values, _ = train.gather_for_model(np.arange(len(train)))
    steps = values.reshape(-1, values.shape[-1])
    means, stds = np.zeros(steps.shape[1]), np.ones(steps.shape[1])
    for channel, column in enumerate(steps.T):
        known = column[~np.isnan(column)]
        if len(known):
            means[channel], stds[channel] = affine.mean_and_std(known)
    return series.scaled_and_filled(
        spec.input_shape, "sequence", options, means, stds, keep_end=True
    )


def describe(
    data: Data, options: Preprocessing, spec: DataSpec, preprocessor: keras.Model
) -> dict[str, Any]:
    """The `input` entry of the metadata: what predicting needs to turn a file into examples."""
    return {
        "name": "sequence",
        "shape": list(spec.input_shape),
        "dtype": spec.input_dtype,
        "missing": options.missing,
        "label": data.label,
        "exclude": list(data.exclude),
        "steps": [column.name for column in spec.columns],
        "reading": table_file.reading(data, numbers=True),
    }


numbers = series.numbers
