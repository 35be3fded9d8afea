"""How numbers enter the network: tokens become vectors, and sequences get their lengths.

What is taken off a series here is added to its forecast again.
"""

from __future__ import annotations

import keras
from keras import layers, ops

from dlcli import kinds
from dlcli.data import DataSpec
from dlcli.errors import RecipeError
from dlcli.recipe.schema import Recipe


def input_name(recipe: Recipe) -> str:
    """What the core's input is called, and with it the input of a file that starts there."""
    return "token_ids" if hasattr(recipe, "embedding") else "numbers"


def answers_at_every_step(recipe: Recipe) -> bool:
    """Whether the network gives an answer after each step, not one for all of them."""
    return getattr(recipe.preprocessing, "predict", "") == "every-step"


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
    if kinds.for_task(recipe.task).name == "sequence":
        missing = ops.isnan(numbers)
        present = ops.logical_not(ops.all(missing, axis=-1))
        return ops.where(missing, 0.0, numbers), _count(present)
    if kinds.for_task(recipe.task).name == "series":
        num_channels = preprocessor.input.shape[-1]
        level = _level(numbers[:, :, :num_channels], recipe)
        if level is not None:
            # What follows the values of the channels are their indicators.
            return ops.concatenate(
                [numbers[:, :, :num_channels] - level, numbers[:, :, num_channels:]], axis=2
            ), None
    return numbers, None


def leave(
    answer: keras.KerasTensor, numbers: keras.KerasTensor, recipe: Recipe, spec: DataSpec
) -> keras.KerasTensor:
    """Make the network's answer of that of its head.

    Args:
        answer: of the head, as the targets are while training.
        numbers, recipe: as for `enter`.
        spec: of a series, `forecast` has the targets.
    """
    if kinds.for_task(recipe.task).name != "series":
        return answer
    level = _level(numbers, recipe)
    if level is None:
        return answer
    forecast = spec.forecast
    means, stds = spec.affines.of_outputs(forecast.means, forecast.stds)
    level = ops.take(level, forecast.channels, axis=2)
    # The head adds the mean of the target, which the level of a standard score has not.
    is_score = recipe.preprocessing.scaling == "standard"
    in_units = layers.Rescaling(
        stds.tolist() if is_score else 1.0,
        offset=0.0 if is_score else (-means).tolist(),
        dtype="float32",
        name="level",
    )
    return ops.add(answer, in_units(level))


def _level(numbers: keras.KerasTensor, recipe: Recipe) -> keras.KerasTensor | None:
    """What a window is relative to, float32 (batch, 1, channels), or None."""
    relative_to = recipe.preprocessing.relative_to
    if relative_to == "none":
        return None
    return numbers[:, -1:] if relative_to == "last" else ops.mean(numbers, axis=1, keepdims=True)


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
