"""How steep the loss is: gradients of one batch, computed aside of the training."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from dlcli.tensorboard import names


class Gradients:
    """Gradients of the loss that training minimises, at the weights of the moment.

    The batch is the same each time, and dropout is off: what differs is the weights. Nothing is
    updated; recurrent layers with dropout draw random numbers, which the loop takes back.

    Args:
        batch: numbers (batch, ...) and targets (batch, ...).
    """

    def __init__(self, core: keras.Model, batch: tuple[Any, Any]) -> None:
        self._core = core
        self._batch = batch
        self._call = tf.function(self._gradients)

    def by_weight(self) -> dict[str, np.ndarray]:
        """For each weight that is trained, by its name, the gradient in its shape."""
        found = map(_dense, self._call(*self._batch))
        return dict(zip(names.of_weights(self._core), found, strict=True))

    def _gradients(self, numbers: tf.Tensor, targets: tf.Tensor) -> list[Any]:
        variables = [variable.value for variable in self._core.trainable_variables]
        with tf.GradientTape() as tape:
            answers = self._core(numbers, training=False)
            loss = self._core.compute_loss(numbers, targets, answers)
        found: list[Any] = tape.gradient(
            loss, variables, unconnected_gradients=tf.UnconnectedGradients.ZERO
        )
        return found


def norm(gradients: dict[str, np.ndarray]) -> float:
    """The length of all of them as one vector."""
    squares = (float(np.square(each, dtype=np.float64).sum()) for each in gradients.values())
    return float(np.sqrt(sum(squares)))


def _dense(gradient: Any) -> np.ndarray:
    if isinstance(gradient, tf.IndexedSlices):  # of an embedding: the rows that were looked up
        gradient = tf.convert_to_tensor(gradient)
    return np.asarray(gradient, np.float32)
