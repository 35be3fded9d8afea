"""Images to numbers."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from dlcli.data import DataSpec, Split
from dlcli.recipe.sections.image import Data, Preprocessing

_CHUNK = 4096  # examples read at a time while statistics are gathered


def adapt(options: Preprocessing, train: Split, spec: DataSpec) -> keras.Model:
    """Build the preprocessor; see `dlcli.preprocessing.protocols.Preprocessing`.

    Returns:
        uint8 (batch, height, width, channels) to float32 of the same shape.
    """
    inputs = keras.Input(spec.input_shape, dtype=spec.input_dtype, name="image")
    # float32 whatever the training precision is: the saved model computes in it.
    if options.scaling == "unit":
        outputs = keras.layers.Rescaling(1 / 255, dtype="float32", name="scaling")(inputs)
    else:
        mean, variance = _channel_statistics(train)
        normalization = keras.layers.Normalization(
            mean=mean, variance=variance, dtype="float32", name="scaling"
        )
        outputs = normalization(inputs)
    return keras.Model(inputs, outputs, name="preprocessor")


def describe(
    data: Data, options: Preprocessing, spec: DataSpec, preprocessor: keras.Model
) -> dict[str, Any]:
    """The `input` entry of the metadata: what predicting needs to turn a file into an example."""
    return {
        "name": "image",
        "shape": list(spec.input_shape),
        "dtype": spec.input_dtype,
        "color_mode": options.color_mode,
        "resize": options.resize,
        # What the data did not decide is as usual: that of a built-in set.
        "bit_depth": 16 if data.bit_depth == "auto" else data.bit_depth,
        "background": "white" if data.background == "auto" else data.background,
    }


def numbers(split: Split, preprocessor: keras.Model) -> None:
    """None: images take four times the memory as numbers, and training varies them first."""


def _channel_statistics(train: Split) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance of each channel, (channels,) float64, in one bounded-memory pass."""
    channels = train.inputs.shape[-1]
    count, total, squares = 0, np.zeros(channels), np.zeros(channels)
    for start in range(0, len(train), _CHUNK):
        positions = np.arange(start, min(start + _CHUNK, len(train)))
        pixels = train.gather(positions)[0].reshape(-1, channels).astype(np.float64)
        count += len(pixels)
        total += pixels.sum(axis=0)
        squares += np.square(pixels).sum(axis=0)
    mean = total / count
    return mean, np.maximum(squares / count - mean**2, 1e-12)
