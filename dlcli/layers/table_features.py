"""The features of a table's columns: scaled numbers, one-hot categories, gaps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf


@keras.saving.register_keras_serializable("dlcli")
class TableFeatures(keras.layers.Layer):
    """Makes features of the matrix that `TableColumns` gives.

    A number becomes (number - mean) / scale, and 0, the mean, where it is missing; a
    column with `indicator` adds 1 there and 0 elsewhere. A category is one-hot, with a
    further place for all others if `other`, and one for a gap if `indicator`; without
    that place it has no 1 at all.

    Args:
        columns: for each column {"mean", "scale", "indicator"} or {"num_categories",
            "other", "indicator"}.
        clip: scaled numbers are kept between -clip and clip; None for no bound.
    """

    def __init__(
        self, columns: Sequence[dict[str, Any]], clip: float | None = None, **keywords: Any
    ) -> None:
        super().__init__(**keywords)
        self.clip = clip
        self.columns = [dict(column) for column in columns]
        self._numbers = [place for place, each in enumerate(self.columns) if "mean" in each]
        self._categories = [place for place, each in enumerate(self.columns) if "mean" not in each]

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """Make features of float32 (batch, num_columns): float32 (batch, num_features)."""
        missing = tf.math.is_nan(inputs)
        indicators = tf.cast(missing, tf.float32)
        features = []
        if self._numbers:
            columns = [self.columns[place] for place in self._numbers]
            mean = np.array([column["mean"] for column in columns], np.float32)
            scale = np.array([column["scale"] for column in columns], np.float32)
            numbers = tf.gather(inputs, self._numbers, axis=1)
            scaled = (numbers - mean) / scale
            if self.clip is not None:
                scaled = tf.clip_by_value(scaled, -self.clip, self.clip)
            # Asked of the numbers themselves: only so does tf2onnx see that a NaN is left out,
            # and not multiplied by 0.
            features.append(tf.where(tf.math.is_nan(numbers), 0.0, scaled))
            marked = [place for place in self._numbers if self.columns[place]["indicator"]]
            if marked:
                features.append(tf.gather(indicators, marked, axis=1))
        for place in self._categories:
            column = self.columns[place]
            other = column["num_categories"]
            # A position beyond the depth of a one-hot vector leaves it all 0.
            if_missing = other + column["other"] if column["indicator"] else self._depth(column)
            if_other = other if column["other"] else self._depth(column)
            position = inputs[:, place]
            position = tf.where(position < 0, float(if_other), position)
            position = tf.where(tf.math.is_nan(position), float(if_missing), position)
            features.append(tf.one_hot(tf.cast(position, tf.int32), self._depth(column)))
        return tf.concat(features, axis=1)

    @staticmethod
    def _depth(column: dict[str, Any]) -> int:
        return int(column["num_categories"] + column["other"] + column["indicator"])

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, int]:
        """(batch, num_features)."""
        numbers = sum(1 + self.columns[place]["indicator"] for place in self._numbers)
        return (None, numbers + sum(self._depth(self.columns[p]) for p in self._categories))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "columns": self.columns, "clip": self.clip}
