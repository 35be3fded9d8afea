"""How numbers enter the network: tokens become vectors, and sequences get their lengths."""

from __future__ import annotations

import keras
from keras import layers, ops

from dlcli import sections
from dlcli.errors import RecipeError
from dlcli.recipe import Recipe


def input_name(recipe: Recipe) -> str:
    """What the core's input is called, and with it the input of a file that starts there."""
    return "token_ids" if hasattr(recipe, "embedding") else "numbers"


def enter(
    numbers: keras.KerasTensor, recipe: Recipe, preprocessor: keras.Model
) -> tuple[keras.KerasTensor, keras.KerasTensor | None]:
    """Make what a family builds on.

    Args:
        numbers: the core's input: int32 tokens (batch, steps), 0 after the end of a text;
            of whole series float32 (batch, steps, channels), NaN after the end of one; of
            other kinds float32 (batch, ...).
        recipe: its `embedding` section is read where there is one.
        preprocessor: of tokens, its layer "tokens" says how many there are: `num_tokens`.

    Returns:
        Float (batch, ...), and how many steps of each example count, int32 (batch,) and at
        least 1; None where all do.
    """
    if hasattr(recipe, "embedding"):
        num_tokens = preprocessor.get_layer("tokens").num_tokens
        return _vectors(numbers, num_tokens, recipe), _count(ops.not_equal(numbers, 0))
    if sections.kind_of(recipe.task) == "sequence":
        missing = ops.isnan(numbers)
        present = ops.logical_not(ops.all(missing, axis=-1))
        return ops.where(missing, 0.0, numbers), _count(present)
    return numbers, None


def _vectors(tokens: keras.KerasTensor, num_tokens: int, recipe: Recipe) -> keras.KerasTensor:
    """Tokens (batch, steps) as vectors (batch, steps, size)."""
    options = recipe.embedding
    # Not every kind of tokens has these.
    buckets = getattr(options, "bigram_buckets", 0)
    token_dropout = getattr(options, "token_dropout", 0.0)
    if options.size is None:
        if buckets:
            raise RecipeError(
                "embedding.bigram_buckets needs vectors that are learned, and embedding.size is "
                "null.",
                "Choose a size, such as embedding.size=64.",
            )
        vectors = ops.one_hot(tokens, num_tokens, dtype=keras.config.floatx())
    else:
        vectors = layers.Embedding(num_tokens, options.size, name="embedding")(tokens)
    if buckets:
        bigrams = layers.Embedding(buckets, options.size, name="bigrams")
        vectors = layers.Add()([vectors, bigrams(_bigrams(tokens, buckets))])
    if token_dropout:
        shape = (None, tokens.shape[1], 1)
        vectors = layers.Dropout(token_dropout, shape, name="token_dropout")(vectors)
    if options.dropout:
        vectors = layers.Dropout(options.dropout, name="embedding_dropout")(vectors)
    return vectors


def _bigrams(tokens: keras.KerasTensor, num_buckets: int) -> keras.KerasTensor:
    """The bucket of each token and the one before it, int32 (batch, steps).

    All products fit in 32 bits, and so TFLite and NumPy come to the same.
    """
    before = ops.concatenate([ops.zeros_like(tokens[:, :1]), tokens[:, :-1]], axis=1)
    return ops.mod(ops.mod(before, 65_521) * 31_337 + tokens, num_buckets)


def _count(present: keras.KerasTensor) -> keras.KerasTensor:
    """Steps that are there, int32 (batch,), at least 1: an empty text is one step of padding."""
    return ops.maximum(ops.sum(ops.cast(present, "int32"), axis=1), 1)
