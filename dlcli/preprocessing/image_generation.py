"""Noise stays what it is."""

from __future__ import annotations

from typing import Any

import keras

from dlcli.data import DataSpec, Split
from dlcli.recipe.sections.image_generation import Data, Preprocessing


def adapt(options: Preprocessing, train: Split, spec: DataSpec) -> keras.Model:
    """Build a preprocessor that hands on what it is given: float32 (batch, noise_size)."""
    inputs = keras.Input(spec.input_shape, dtype=spec.input_dtype, name="noise")
    outputs = keras.layers.Activation("linear", dtype="float32", name="unchanged")(inputs)
    return keras.Model(inputs, outputs, name="preprocessor")


def describe(
    data: Data, options: Preprocessing, spec: DataSpec, preprocessor: keras.Model
) -> dict[str, Any]:
    """The `input` entry of the metadata: the noise, and the pictures that are made of it."""
    return {
        "name": "noise",
        "shape": list(spec.input_shape),
        "dtype": spec.input_dtype,
        "picture_shape": list(spec.picture_shape),
        "color_mode": options.color_mode,
        "resize": options.resize,
    }


def numbers(split: Split, preprocessor: keras.Model) -> Split | None:
    """None: the pictures may be many."""
    return None
