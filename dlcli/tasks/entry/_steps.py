"""What several kinds of sequences share: tokens become vectors, steps are counted."""

from __future__ import annotations

import keras
from keras import layers, ops


def vectors(
    tokens: keras.KerasTensor, preprocessor: keras.Model, size: int | None
) -> keras.KerasTensor:
    """Tokens int32 (batch, steps) as vectors (batch, steps, size): learned, or one-hot for None."""
    num_tokens = preprocessor.get_layer("tokens").num_tokens
    if size is None:
        return ops.one_hot(tokens, num_tokens, dtype=keras.config.floatx())
    return layers.Embedding(num_tokens, size, name="embedding")(tokens)


def dropped(features: keras.KerasTensor, dropout: float) -> keras.KerasTensor:
    """Vectors of which training drops a share of the numbers."""
    return layers.Dropout(dropout, name="embedding_dropout")(features) if dropout else features


def count(present: keras.KerasTensor) -> keras.KerasTensor:
    """Steps that are there, int32 (batch,), at least 1: an empty text is one step of padding.

    Args:
        present: bool (batch, steps).
    """
    return ops.maximum(ops.sum(ops.cast(present, "int32"), axis=1), 1)
