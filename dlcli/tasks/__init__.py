"""Tasks: the network of a recipe, from its numeric input to the answer.

One file per output: what stands on top of a family's features, and what training minimises and
watches; `dlcli.outputs.protocols` says what such a file holds.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras

from dlcli import kinds, outputs
from dlcli.data import DataSpec
from dlcli.errors import RecipeError
from dlcli.models._keys import regularizer
from dlcli.outputs.protocols import Head
from dlcli.recipe.schema import Recipe
from dlcli.tasks import entry

__all__ = ["build_core", "end_to_end", "head_of", "trainer"]


def head_of(task: str) -> Head:
    """The end of the network of a task, such as "image-classification", and its loss."""
    head: Head = outputs.module("tasks", kinds.output_of(task))
    return head


def build_core(
    recipe: Recipe, preprocessor: keras.Model, spec: DataSpec, precision: str
) -> keras.Model:
    """Build the untrained core: numeric input to prediction.

    Args:
        recipe: its `task`, `model` and, of tokens, `embedding` sections are read.
        preprocessor: its output is the core's input.
        spec: class names, or mean and spread of the target or targets.
        precision: Keras dtype policy of the layers; the prediction is float32 always.

    Returns:
        A model named "core": the preprocessor's output, float32 (batch, ...) or int32 tokens
        (batch, steps), to probabilities (batch, num_classes), or of a regression to
        (batch, 1) in the target's own units, of a forecast (batch, horizon, num_targets); of
        pictures noise (batch, noise_size) to (batch, height, width, channels), 0 to 255; of a
        running text see `dlcli.tasks.next_token`.

    Raises:
        RecipeError: the network does not fit the input.
    """
    numbers = preprocessor.output
    shape = tuple(numbers.shape[1:])
    inputs = keras.Input(shape, dtype=numbers.dtype, name=entry.input_name(recipe))
    family: Any = importlib.import_module(f"dlcli.models.{recipe.model.family}")
    if kinds.output_of(recipe.task).name == "next_token":
        from dlcli.tasks import step

        step.check(recipe)
    with _dtype_policy(precision):
        features, lengths = entry.enter(inputs, recipe, preprocessor)
        keywords = recipe.model.arguments()
        # Families of sequences take their lengths and whether they answer at every step, those
        # of pictures the shape of one.
        taken = inspect.signature(family.build).parameters
        context = {
            "lengths": lengths,
            "every_step": entry.answers_at_every_step(recipe),
            "picture_shape": spec.picture_shape,
        }
        keywords |= {name: value for name, value in context.items() if name in taken}
        try:
            features = family.build(features, **keywords)
        except ValueError as error:
            size = "x".join(str(side) for side in shape)
            raise RecipeError(
                f"the {recipe.model.family} network does not fit an input of {size}: "
                f"{str(error).splitlines()[0]}",
                "Use fewer blocks, smaller kernels or a larger preprocessing.image_size.",
            ) from None
        outputs = entry.leave(head_of(recipe.task).head(features, spec), inputs, recipe, spec)
    core = keras.Model(inputs, outputs, name="core")
    _penalize_head(core, keywords)
    return core


def trainer(
    recipe: Recipe, core: keras.Model, spec: DataSpec, precision: str
) -> tuple[keras.Model, keras.Model]:
    """The model whose steps train a core, and the one whose weights are kept: often the core.

    Families with steps of their own have a function `trainer`.

    Args:
        recipe: its `model` section is read.
        core: what `build_core` gave.
        spec: shape of the pictures.
        precision: Keras dtype policy of further layers.
    """
    family: Any = importlib.import_module(f"dlcli.models.{recipe.model.family}")
    if not hasattr(family, "trainer"):
        return core, core
    with _dtype_policy(precision):
        models: tuple[keras.Model, keras.Model] = family.trainer(
            core, spec.picture_shape, **recipe.model.arguments()
        )
    return models


def end_to_end(preprocessor: keras.Model, core: keras.Model) -> keras.Model:
    """Join preprocessor and core into the model that is shipped: raw in, answer out."""
    inputs = keras.tree.map_structure(
        lambda raw: keras.Input(raw.shape[1:], dtype=raw.dtype, name=raw.name), preprocessor.input
    )
    return keras.Model(inputs, core(preprocessor(inputs)), name="end_to_end")


def _penalize_head(core: keras.Model, keywords: dict[str, Any]) -> None:
    """Put the family's penalties on the head's kernel too, which the family does not make."""
    penalty = regularizer(keywords.get("l1", 0.0), keywords.get("l2", 0.0))
    kernels = [layer for layer in core.layers if isinstance(layer, keras.layers.Dense)]
    if penalty and kernels and kernels[-1].kernel_regularizer is None:
        kernels[-1].kernel_regularizer = penalty
        kernels[-1].kernel.regularizer = penalty


@contextmanager
def _dtype_policy(name: str) -> Iterator[None]:
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
