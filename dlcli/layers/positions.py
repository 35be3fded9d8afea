"""Where in a sequence a step stands."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf


@keras.saving.register_keras_serializable("dlcli")
class Positions(keras.layers.Layer):
    """Adds a vector of its position to each step (Vaswani et al., 2017, section 3.5).

    Args:
        kind: "learned", a weight for each position; or "sinusoidal", fixed waves of wavelengths
            from 2 pi to 10,000 times 2 pi.
    """

    def __init__(self, kind: str, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.kind = kind

    def build(self, inputs_shape: Any) -> None:
        """Make the vectors, (steps, features)."""
        _, steps, features = inputs_shape
        if self.kind == "learned":
            self.vectors = self.add_weight(
                shape=(steps, features),
                initializer=keras.initializers.RandomNormal(stddev=0.02),
                name="vectors",
            )
        else:
            self.vectors = _waves(steps, features)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """Add to float (batch, steps, features)."""
        return inputs + tf.cast(tf.convert_to_tensor(self.vectors), inputs.dtype)

    def compute_output_shape(self, inputs_shape: Any) -> Any:
        """That of the inputs."""
        return inputs_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "kind": self.kind}


def _waves(steps: int, features: int) -> np.ndarray:
    """Sines of even features and cosines of odd ones, float32 (steps, features)."""
    places, angles = np.arange(steps)[:, None], np.arange(features)[None, :]
    turns = places / 10_000 ** (2 * (angles // 2) / features)
    return np.where(angles % 2, np.cos(turns), np.sin(turns)).astype(np.float32)
