"""The weights that attention gives to the steps of a sequence.

Of the family `attention` they are those of its pooling, as they are. Of the family `transformer`
attention rollout (Abnar and Zuidema, 2020, "Quantifying attention flow in transformers"): the
mean over the heads of each block, half of it and half the step itself for the connection around
the block, multiplied from block to block; of all steps the mean is taken, as the network's own
pooling does. A weight says where the network looked, not how much that changed the answer (Jain
and Wallace, 2019, "Attention is not explanation").
"""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

from dlcli.explanation.network import Network
from dlcli.layers.attention_pooling import AttentionPooling
from dlcli.layers.present_steps import PresentSteps


def is_for(network: Network) -> bool:
    """Whether the network has attention."""
    kinds = (AttentionPooling, keras.layers.MultiHeadAttention)
    return any(isinstance(layer, kinds) for layer in network.core.layers)


class Attention:
    """The attention of one network."""

    def __init__(self, network: Network) -> None:
        core = network.core
        self._pooling = [each for each in core.layers if isinstance(each, AttentionPooling)]
        self._blocks = [
            each for each in core.layers if isinstance(each, keras.layers.MultiHeadAttention)
        ]
        present = [each.output for each in core.layers if isinstance(each, PresentSteps)]
        entering = [_first_input(layer) for layer in self._blocks]
        if self._pooling:
            entering = list(keras.tree.flatten(self._pooling[0].input))
            present = []
        self._is_masked = bool(present)
        inside = keras.Model(core.input, [*entering, *present])
        # Layer by layer, a recurrent network would take many times as long.
        self._inside = tf.function(
            lambda numbers: inside(numbers, training=False), reduce_retracing=True
        )

    def weights(self, numbers: np.ndarray, num_steps: int) -> tuple[np.ndarray, np.ndarray]:
        """How much each step counts.

        Args:
            numbers: (1, steps, ...) as the core takes them.
            num_steps: of which the first are real.

        Returns:
            Float64 (num_steps,), adding up to 1; and of a transformer the mean weight that each
            head of each block gives to each step, (num_blocks, num_heads, num_steps), of others
            (0, 0, num_steps).
        """
        inside = keras.tree.flatten(self._inside(tf.constant(numbers)))
        if self._pooling:
            weights = np.asarray(self._pooling[0].step_weights(*inside), np.float64)[0, :num_steps]
            return weights, np.zeros((0, 0, num_steps))
        mask = inside[-1] if self._is_masked else None
        entering = inside[: len(self._blocks)]
        by_head = np.stack(
            [self._scores(*pair, mask) for pair in zip(self._blocks, entering, strict=True)]
        )
        real = by_head[:, :, :num_steps, :num_steps].astype(np.float64)
        rolled = np.eye(num_steps)
        for block in real.mean(axis=1):  # (num_steps, num_steps): rows look at columns
            rolled = (0.5 * block + 0.5 * np.eye(num_steps)) @ rolled
        return rolled.mean(axis=0), real.mean(axis=2)

    @staticmethod
    def _scores(
        layer: keras.layers.MultiHeadAttention, entering: tf.Tensor, mask: tf.Tensor | None
    ) -> np.ndarray:
        """(num_heads, steps, steps)."""
        _, scores = layer(
            entering, entering, attention_mask=mask, return_attention_scores=True, training=False
        )
        return np.asarray(scores)[0]


def _first_input(layer: keras.Layer) -> keras.KerasTensor:
    return keras.tree.flatten(layer.input)[0]
