"""Windows of a series enter relative to a level, which their forecast gets back."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

from dlcli.data import DataSpec
from dlcli.recipe.sections import series
from dlcli.tasks.entry import Entered


def enter(
    numbers: keras.KerasTensor,
    *,
    preprocessor: keras.Model,
    spec: DataSpec,
    preprocessing: series.Preprocessing,
    **others: Any,
) -> Entered:
    """See `Entry`: float32 (batch, steps, channels), perhaps followed by their indicators."""
    relative_to = preprocessing.relative_to
    if relative_to == "none":
        return Entered(numbers)

    def level(values: keras.KerasTensor) -> keras.KerasTensor:
        """What a window is relative to, float32 (batch, 1, channels)."""
        return values[:, -1:] if relative_to == "last" else ops.mean(values, axis=1, keepdims=True)

    def leave(forecast: keras.KerasTensor) -> keras.KerasTensor:
        targets = spec.forecast
        means, stds = spec.affines.of_outputs(targets.means, targets.stds)
        # The head adds the mean of the target, which the level of a standard score has not.
        is_score = preprocessing.scaling == "standard"
        in_units = layers.Rescaling(
            stds.tolist() if is_score else 1.0,
            offset=0.0 if is_score else (-means).tolist(),
            dtype="float32",
            name="level",
        )
        return ops.add(forecast, in_units(ops.take(level(numbers), targets.channels, axis=2)))

    num_channels = preprocessor.input.shape[-1]
    values, indicators = numbers[:, :, :num_channels], numbers[:, :, num_channels:]
    return Entered(ops.concatenate([values - level(values), indicators], axis=2), leave=leave)
