"""Tokens of a text become vectors."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

from dlcli.errors import RecipeError
from dlcli.recipe.sections import text
from dlcli.tasks.entry import Entered, _steps


def enter(
    numbers: keras.KerasTensor,
    *,
    preprocessor: keras.Model,
    embedding: text.Embedding,
    **others: Any,
) -> Entered:
    """See `Entry`: int32 (batch, steps), 0 after the end of a text."""
    buckets = embedding.bigram_buckets
    if buckets and embedding.size is None:
        raise RecipeError(
            "embedding.bigram_buckets needs vectors that are learned, and embedding.size is null.",
            "Choose a size, such as embedding.size=64.",
        )
    vectors = _steps.vectors(numbers, preprocessor, embedding.size)
    if buckets:
        bigrams = layers.Embedding(buckets, embedding.size, name="bigrams")
        vectors = layers.Add()([vectors, bigrams(_bigrams(numbers, buckets))])
    if embedding.token_dropout:
        shape = (None, numbers.shape[1], 1)
        vectors = layers.Dropout(embedding.token_dropout, shape, name="token_dropout")(vectors)
    vectors = _steps.dropped(vectors, embedding.dropout)
    return Entered(vectors, {"lengths": _steps.count(ops.not_equal(numbers, 0))})


def _bigrams(tokens: keras.KerasTensor, num_buckets: int) -> keras.KerasTensor:
    """The bucket of each token and the one before it, int32 (batch, steps).

    All products fit in 32 bits, and so TFLite and NumPy come to the same.
    """
    before = ops.concatenate([ops.zeros_like(tokens[:, :1]), tokens[:, :-1]], axis=1)
    return ops.mod(ops.mod(before, 65_521) * 31_337 + tokens, num_buckets)
