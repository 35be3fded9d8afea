"""The columns of a table as one matrix, in which a category is a number."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("dlcli")
class TableColumns(keras.layers.Layer):
    """Puts columns side by side; what follows needs no strings.

    A category becomes its position among its column's categories, or -1 for any other.
    What is missing, NaN or the empty string, becomes NaN.

    Args:
        categories: for each column the categories, or None for a column of numbers.
    """

    def __init__(self, categories: Sequence[Sequence[str] | None], **keywords: Any) -> None:
        super().__init__(**keywords)
        self.categories = [None if names is None else list(names) for names in categories]
        self._lookups = [
            None
            if names is None
            else keras.layers.StringLookup(vocabulary=names, mask_token="", num_oov_indices=1)
            for names in self.categories
        ]

    def build(self, input_shape: Any) -> None:
        """The lookups have no weights to make."""
        for lookup in filter(None, self._lookups):
            lookup.build((None,))
        self.built = True

    def call(self, inputs: Sequence[tf.Tensor]) -> tf.Tensor:
        """Join columns, each float32 or string (batch,), to float32 (batch, num_columns)."""
        joined = []
        for values, lookup in zip(inputs, self._lookups, strict=True):
            if lookup is None:
                joined.append(values)
            else:
                # Keras gives 0 to the mask, 1 to what is unknown, 2 to the first category.
                positions = tf.cast(lookup(values), tf.float32) - 2
                joined.append(tf.where(positions < -1, math.nan, positions))
        return tf.stack(joined, axis=1)

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, int]:
        """(batch, num_columns)."""
        return (None, len(self.categories))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "categories": self.categories}
