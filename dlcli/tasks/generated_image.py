"""A picture made of noise, in its own units: 0 to 255."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

from dlcli import frechet
from dlcli.data import DataSpec
from dlcli.tasks.protocols import Metrics


class FrechetDistance(keras.Metric):
    """`dlcli.frechet` between real and made pictures, gathered batch by batch.

    Its result is computed by NumPy, and so not inside a graph.
    """

    def __init__(self, name: str = "frechet_distance") -> None:
        super().__init__(name=name)
        self.count = self.add_variable((), "zeros", dtype="float64", name="count")
        self._sums: list[tuple[keras.Variable, keras.Variable]] = []

    def update_state(self, real: tf.Tensor, made: tf.Tensor) -> None:
        """Add pictures float32 (batch, height, width, channels), 0 to 255.

        The first ones, which must come outside a graph, say how large the state is.
        """
        if not self._sums:
            self._make_state(real.shape[1:])
        self.count.assign_add(tf.cast(tf.shape(real)[0], tf.float64))
        for pictures, (total, products) in zip((real, made), self._sums, strict=True):
            values = tf.cast(self._features(pictures), tf.float64)
            total.assign_add(tf.reduce_sum(values, axis=0))
            products.assign_add(tf.matmul(values, values, transpose_a=True))

    def result(self) -> float:
        """The distance so far; NaN before the first picture."""
        count = float(self.count)
        if not count:
            return float("nan")
        moments = []
        for total, products in self._sums:
            mean = np.asarray(total) / count
            moments.append((mean, np.asarray(products) / count - np.outer(mean, mean)))
        return frechet.distance(*moments)

    def _make_state(self, picture_shape: tuple[int, int, int]) -> None:
        self._kernels = frechet.filters(picture_shape)
        num_features = self._features(tf.zeros((1, *picture_shape))).shape[-1]
        for name in ("real", "made"):
            total = self.add_variable((num_features,), "zeros", dtype="float64", name=name)
            products = self.add_variable(
                (num_features, num_features), "zeros", dtype="float64", name=f"{name}_products"
            )
            self._sums.append((total, products))

    def _features(self, pictures: tf.Tensor) -> tf.Tensor:
        """As `frechet.features`, float32."""
        responses = tf.nn.relu(tf.nn.conv2d(pictures / 255, self._kernels, 1, "VALID"))
        cells = [
            tf.reduce_mean(responses[:, rows, columns], axis=[1, 2])
            for rows in frechet.regions(responses.shape[1])
            for columns in frechet.regions(responses.shape[2])
        ]
        return tf.concat(cells, axis=1)


def head(features: keras.KerasTensor, spec: DataSpec) -> keras.KerasTensor:
    """Pictures float32 (batch, height, width, channels), 0 to 255."""
    bounded = keras.layers.Activation("tanh", dtype="float32", name="bounded")(features)
    return keras.layers.Rescaling(127.5, offset=127.5, dtype="float32", name="pictures")(bounded)


def loss(spec: DataSpec) -> None:
    """None: the model that trains a generator has losses of its own."""


weighted_loss = None
METRICS: Metrics = {"frechet_distance": lambda spec: FrechetDistance()}
