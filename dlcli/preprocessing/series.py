"""Windows of a series to numbers."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from dlcli import preprocessing
from dlcli.data import DataSpec, Split, table_file
from dlcli.layers.filled_gaps import FilledGaps
from dlcli.recipe.sections import sequence
from dlcli.recipe.sections.series import Data, Preprocessing

# Keras divides by no less than its epsilon, and keeps squares, which float32 has up to 3e38.
_NORMALIZED = 1e-7, 1e18
_MAX_BYTES = 512 * 2**20  # windows overlap: a long series is many times its size as numbers


def adapt(options: Preprocessing, train: Split, spec: DataSpec) -> keras.Model:
    """Build the preprocessor with mean and spread of each column, which the spec has.

    Returns:
        float32 (batch, steps, channels) in original units, NaN where a value is missing, to the
        same without gaps, and as standard scores.
    """
    columns = spec.forecast.columns
    means, stds = spec.affines.of_inputs(
        np.array([column.mean for column in columns]), np.array([column.std for column in columns])
    )
    return scaled_and_filled(spec.input_shape, "series", options, means, stds, keep_end=False)


def scaled_and_filled(
    shape: tuple[int, ...],
    name: str,
    options: Preprocessing | sequence.Preprocessing,
    means: np.ndarray,
    stds: np.ndarray,
    keep_end: bool,
) -> keras.Model:
    """A preprocessor that scales each channel and fills its gaps.

    Args:
        shape: (steps, channels).
        name: of the input.
        options: `scaling`, `missing` and `missing_indicator` are read.
        means, stds: of each channel, as the model has them.
        keep_end: see `FilledGaps`.
    """
    # float32 whatever the training precision is: the saved model computes in it.
    inputs = outputs = keras.Input(shape, dtype="float32", name=name)
    defaults = means
    if options.scaling == "standard":
        defaults = np.zeros(len(means))
        outputs = _scaling(means, stds)(outputs)
    if options.missing != "fail" or keep_end:
        outputs = FilledGaps(
            options.missing,
            defaults.tolist(),
            keep_end,
            options.missing_indicator,
            dtype="float32",
            name="gaps",
        )(outputs)
    return keras.Model(inputs, outputs, name="preprocessor")


def _scaling(means: np.ndarray, stds: np.ndarray) -> keras.layers.Layer:
    """The layer of standard scores."""
    if ((stds >= _NORMALIZED[0]) & (stds <= _NORMALIZED[1])).all():
        return keras.layers.Normalization(
            mean=means, variance=stds**2, dtype="float32", name="scaling"
        )
    return keras.layers.Rescaling(
        (1 / stds).tolist(), (-means / stds).tolist(), dtype="float32", name="scaling"
    )


def describe(
    data: Data, options: Preprocessing, spec: DataSpec, preprocessor: keras.Model
) -> dict[str, Any]:
    """The `input` entry of the metadata: what predicting needs to turn a table into windows."""
    return {
        "name": "series",
        "shape": list(spec.input_shape),
        "dtype": spec.input_dtype,
        "missing": options.missing,
        "reading": table_file.reading(data, numbers=True),
    }


def numbers(split: Split, preprocessor: keras.Model) -> Split | None:
    """See `dlcli.preprocessing.numbers`."""
    shape = preprocessor.output.shape[1:]
    if len(split) * int(np.prod(shape)) * np.dtype(np.float32).itemsize > _MAX_BYTES:
        return None
    return preprocessing.at_once(split, preprocessor)
