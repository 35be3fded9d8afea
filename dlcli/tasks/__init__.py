"""Tasks: the network of a recipe, from its numeric input to the answer.

One file per output: what stands on top of a family's features, and what training minimises and
watches; `dlcli.tasks.protocols` says what such a file holds.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras

from dlcli import catalog, kinds, outputs
from dlcli.data import DataSpec
from dlcli.errors import RecipeError
from dlcli.models import TrainingFamily
from dlcli.models._keys import regularizer
from dlcli.recipe.protocols import Family
from dlcli.recipe.schema import Recipe
from dlcli.tasks.entry import Entered
from dlcli.tasks.protocols import Entry, Head

__all__ = ["build_core", "end_to_end", "enter", "head_of", "trainer"]


def head_of(task: str) -> Head:
    """The end of the network of a task, such as "image-classification", and its loss."""
    head: Head = outputs.module("tasks", kinds.output_of(task))
    return head


def enter(
    numbers: keras.KerasTensor, recipe: Recipe, preprocessor: keras.Model, spec: DataSpec
) -> Entered:
    """Make what a family builds on of the input of a core; see `dlcli.tasks.protocols.Entry`."""
    entry: Entry = kinds.module("tasks.entry", kinds.for_task(recipe.task))
    return entry.enter(
        numbers,
        preprocessor=preprocessor,
        spec=spec,
        preprocessing=recipe.preprocessing,
        embedding=getattr(recipe, "embedding", None),
    )


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
    name = "token_ids" if numbers.dtype == "int32" else "numbers"
    inputs = keras.Input(shape, dtype=numbers.dtype, name=name)
    family: Family = catalog.family(recipe.model.family)
    if kinds.output_of(recipe.task).continues_text:
        from dlcli.tasks import step

        step.check(recipe)
    with _dtype_policy(precision):
        entered = enter(inputs, recipe, preprocessor, spec)
        taken = inspect.signature(family.build).parameters
        context = {name: value for name, value in entered.context.items() if name in taken}
        keywords = recipe.model.arguments()
        try:
            features = family.build(entered.features, **context, **keywords)
        except ValueError as error:
            size = "x".join(str(side) for side in shape)
            raise RecipeError(
                f"the {recipe.model.family} network does not fit an input of {size}: "
                f"{str(error).splitlines()[0]}",
                "Use fewer blocks, smaller kernels or a larger preprocessing.image_size.",
            ) from None
        prediction = entered.leave(head_of(recipe.task).head(features, spec))
    core = keras.Model(inputs, prediction, name="core")
    _penalize_head(core, keywords)
    return core


def trainer(
    recipe: Recipe, core: keras.Model, spec: DataSpec, precision: str
) -> tuple[keras.Model, keras.Model]:
    """The model whose steps train a core, and the one whose weights are kept: often the core.

    A family whose output has no loss has a function `trainer`.

    Args:
        recipe: its `model` section is read.
        core: what `build_core` gave.
        spec: shape of the pictures.
        precision: Keras dtype policy of further layers.
    """
    if head_of(recipe.task).loss(spec) is not None:
        return core, core
    family: TrainingFamily = catalog.family(recipe.model.family)
    with _dtype_policy(precision):
        return family.trainer(core, spec.picture_shape, **recipe.model.arguments())


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
