"""Series without gaps: what is missing follows from what stands around it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("dlcli")
class FilledGaps(keras.layers.Layer):
    """Fills the gaps (NaN) in each channel of each series by itself.

    A gap looks at nothing but its own series, so that a window sees no later values and a
    series no other one. One that begins or ends a channel takes the nearest value. Doubling
    shifts need no loop over the steps, and no operator that TFLite lacks.

    Args:
        method: "interpolate" for a line between the values around a gap, "forward" for the
            value before it.
        defaults: for each channel, what stands for a series without any value.
        keep_end: whether the steps after the last one with any value are the end of a
            shorter series, and stay NaN.
        indicator: whether to add for each channel 1 where it was missing and 0 elsewhere.
    """

    def __init__(
        self,
        method: str,
        defaults: Sequence[float],
        keep_end: bool = False,
        indicator: bool = False,
        **keywords: Any,
    ) -> None:
        super().__init__(**keywords)
        self.method, self.defaults = method, [float(value) for value in defaults]
        self.keep_end, self.indicator = keep_end, indicator

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """Fill float32 (batch, steps, channels): the same, or twice the channels."""
        num_steps = inputs.shape[1]
        missing = tf.math.is_nan(inputs)
        places = tf.reshape(tf.range(num_steps, dtype=inputs.dtype), (1, num_steps, 1))
        placed = tf.concat([inputs, tf.where(missing, math.nan, places)], axis=2)
        before, place_before = tf.split(_carried(placed, num_steps), 2, axis=2)
        after, place_after = tf.split(
            tf.reverse(_carried(tf.reverse(placed, [1]), num_steps), [1]), 2, axis=2
        )
        between = before
        if self.method == "interpolate":
            share = (places - place_before) / (place_after - place_before)
            between = before + (after - before) * share
        filled = tf.where(tf.math.is_nan(after), before, between)
        filled = tf.where(tf.math.is_nan(before), after, filled)
        filled = tf.where(missing, filled, inputs)
        filled = tf.where(tf.math.is_nan(filled), tf.constant(self.defaults, inputs.dtype), filled)
        if self.indicator:
            filled = tf.concat([filled, tf.cast(missing, inputs.dtype)], axis=2)
        if self.keep_end:
            # Nothing comes any more, in any channel.
            ended = tf.reduce_all(tf.math.is_nan(after), axis=2, keepdims=True)
            filled = tf.where(ended, math.nan, filled)
        return filled

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, int, int]:
        """(batch, steps, channels), or twice the channels."""
        return (*input_shape[:2], input_shape[2] * (1 + self.indicator))

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "method": self.method,
            "defaults": self.defaults,
            "keep_end": self.keep_end,
            "indicator": self.indicator,
        }


def _carried(values: tf.Tensor, num_steps: int) -> tf.Tensor:
    """Each gap with the nearest value before it, where there is one."""
    shift = 1
    while shift < num_steps:
        earlier = tf.pad(values[:, :-shift], [[0, 0], [shift, 0], [0, 0]], constant_values=math.nan)
        values = tf.where(tf.math.is_nan(values), earlier, values)
        shift *= 2
    return values
