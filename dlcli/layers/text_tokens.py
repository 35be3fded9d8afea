"""Texts as the numbers of their tokens, inside a model."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, cast

import keras
import numpy as np
import tensorflow as tf

from dlcli.inputs import text
from dlcli.inputs.text import Rules, Tokenizer

_PAGE = 128
_WORD, _ALONE, _SEPARATOR, _LEFT_OUT = range(4)


@keras.saving.register_keras_serializable("dlcli")
class TextTokens(keras.layers.Layer):
    """Does with TensorFlow's operations what `dlcli.inputs.text.Tokenizer` does without them.

    Args:
        vocabulary: the tokens that are told apart; the first has the id 2.
        length: ids a text.
        truncation: which end of a longer text is cut off, "end" or "start".
    """

    def __init__(
        self,
        vocabulary: Sequence[str],
        length: int,
        truncation: text.Truncation = "end",
        lower_case: bool = True,
        strip_accents: bool = False,
        split: text.Split = "word",
        **keywords: Any,
    ) -> None:
        super().__init__(**keywords)
        self.tokenizer = Tokenizer(
            Rules(lower_case, strip_accents, split), list(vocabulary), length, truncation
        )
        self._lookup = keras.layers.StringLookup(
            vocabulary=list(vocabulary), mask_token="", num_oov_indices=1
        )

    @property
    def num_tokens(self) -> int:
        """How many ids there are: those of the vocabulary, and two more."""
        return len(self.tokenizer.vocabulary) + text.NUM_RESERVED

    def build(self, input_shape: Any) -> None:
        """The lookup has no weights to make."""
        self._lookup.build((None, self.tokenizer.length))
        self.built = True

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """Number the tokens of string (batch,): int32 (batch, length), 0 after the end."""
        length = self.tokenizer.length
        words = tf.strings.split(
            self._spaced(tf.strings.regex_replace(inputs, text.LINE_BREAK, " "))
        )
        words = words[:, :length] if self.tokenizer.truncation == "end" else words[:, -length:]
        return tf.cast(self._lookup(words.to_tensor("", shape=[None, length])), tf.int32)

    def _spaced(self, texts: tf.Tensor) -> tf.Tensor:
        """Texts (batch,) with their characters replaced as `Rules.spaced` says."""
        pages, places = _table(self.tokenizer.rules)
        characters = tf.strings.unicode_decode(texts, "UTF-8", errors="replace")
        codes = characters.flat_values  # (num_characters,) of all texts
        known = tf.minimum(codes, text.NUM_CHARACTERS - 1)
        found = tf.gather_nd(
            places, tf.stack([tf.gather(pages, known // _PAGE), known % _PAGE], axis=1)
        )
        kind, shift = tf.math.floormod(found, 4), tf.math.floordiv(found, 4)
        space = tf.fill(tf.shape(codes), ord(" "))
        # Three places a character: what stands before it, itself, what stands after it.
        own = tf.where(kind == _SEPARATOR, space, codes + shift)
        alone = kind == _ALONE
        present = tf.stack([alone, kind != _LEFT_OUT, alone], axis=1)
        spaced = tf.stack([space, own, space], axis=1)
        splits = 3 * characters.row_splits
        kept = tf.ragged.boolean_mask(
            tf.RaggedTensor.from_row_splits(tf.reshape(spaced, [-1]), splits),
            tf.RaggedTensor.from_row_splits(tf.reshape(present, [-1]), splits),
        )
        return tf.strings.unicode_encode(kept, "UTF-8")

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, int]:
        """(batch, length)."""
        return (input_shape[0], self.tokenizer.length)

    def compute_output_spec(self, inputs: Any) -> keras.KerasTensor:
        """int32 (batch, length)."""
        return keras.KerasTensor((inputs.shape[0], self.tokenizer.length), "int32")

    def get_config(self) -> dict[str, Any]:
        described = self.tokenizer.described()
        return {**super().get_config(), **described.pop("rules"), **described}


@functools.cache
def _table(rules: Rules) -> tuple[np.ndarray, np.ndarray]:
    """What the rules say of every character, as two steps of a lookup that share equal pages.

    Returns:
        The page of each run of 128 characters, int32 (num_runs,); and of each page and place
        the kind plus four times what is to be added to the code point, int32 (num_pages, 128).
    """
    found = np.empty(text.NUM_CHARACTERS, np.int32)
    for code in range(text.NUM_CHARACTERS):
        spaced = rules.spaced(code)
        if not spaced:
            found[code] = _LEFT_OUT
        elif spaced == " ":
            found[code] = _SEPARATOR
        else:
            kind = _WORD if len(spaced) == 1 else _ALONE
            found[code] = kind + 4 * (ord(spaced.strip(" ")) - code)
    places, pages = np.unique(found.reshape(-1, _PAGE), axis=0, return_inverse=True)
    return cast(np.ndarray, pages.reshape(-1).astype(np.int32)), places
