"""Texts to the numbers of their characters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from dlcli.inputs.characters import NUM_RESERVED, PADDING, RESERVED_NAMES, UNKNOWN


@keras.saving.register_keras_serializable("dlcli")
class CharacterTokens(keras.layers.Layer):
    """Gives each character its number; `dlcli.inputs.characters` does the same without TensorFlow.

    Args:
        class_names: as `dlcli.inputs.characters.fit` gives them.

    Attributes:
        num_tokens: how many numbers there are, padding and the unknown among them.
    """

    def __init__(self, class_names: Sequence[str], **keywords: Any) -> None:
        super().__init__(**keywords)
        self.class_names = list(class_names)
        self.num_tokens = len(class_names)
        codes = [ord(character) for character in self.class_names[len(RESERVED_NAMES) :]]
        self._codes = np.array(codes, np.int32)

    def call(self, texts: tf.Tensor) -> tf.Tensor:
        """Number the characters of strings (batch,): int32 (batch, steps), 0 after their ends.

        There are as many steps as the longest text has characters, and one at least.
        """
        ragged = tf.strings.unicode_decode(texts, "UTF-8", errors="replace")
        codes = ragged.to_tensor(default_value=-1)
        codes = tf.pad(codes, [[0, 0], [0, tf.maximum(1 - tf.shape(codes)[1], 0)]], "CONSTANT", -1)
        known = tf.constant(self._codes)
        place = tf.searchsorted(known, tf.reshape(codes, [-1]))
        place = tf.reshape(tf.minimum(place, len(self._codes) - 1), tf.shape(codes))
        ids = tf.where(tf.gather(known, place) == codes, place + NUM_RESERVED, UNKNOWN)
        return tf.where(codes < 0, PADDING, ids)

    def compute_output_spec(self, texts: Any) -> keras.KerasTensor:
        """int32 (batch, steps)."""
        return keras.KerasTensor((texts.shape[0], None), "int32")

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "class_names": self.class_names}
