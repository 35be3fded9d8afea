"""Tasks: what stands on top of a family's features, and what training minimises and watches."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import keras

from dlcli.data import DataSpec
from dlcli.errors import RecipeError
from dlcli.recipe import Recipe


@dataclass(frozen=True)
class Task:
    """How a task is trained and judged.

    Args:
        loss: Keras loss.
        metrics: Keras metrics, shown while training.
        monitor: the validation metric that chooses the best epoch; a tie goes
            to the lower loss.
        higher_is_better: direction of `monitor`.
    """

    loss: str
    metrics: tuple[str, ...]
    monitor: str
    higher_is_better: bool


TASKS = {
    "image-classification": Task(
        loss="sparse_categorical_crossentropy",
        metrics=("accuracy",),
        monitor="accuracy",
        higher_is_better=True,
    )
}


def build_core(
    recipe: Recipe, preprocessor: keras.Model, spec: DataSpec, precision: str
) -> keras.Model:
    """Build the untrained core: numeric input to prediction.

    Args:
        recipe: its `task` and `model` sections are read.
        preprocessor: its output shape is the core's input shape.
        spec: class names.
        precision: Keras dtype policy of the layers; the prediction is float32 always.

    Returns:
        A model named "core": float32 (batch, ...) to probabilities (batch, num_classes).

    Raises:
        RecipeError: the network does not fit the input.
    """
    shape = tuple(preprocessor.output.shape[1:])
    inputs = keras.Input(shape, dtype="float32", name="numbers")
    family: Any = importlib.import_module(f"dlcli.models.{recipe.model.family}")
    with _dtype_policy(precision):
        try:
            features = family.build(inputs, **recipe.model.arguments())
        except ValueError as error:
            size = "x".join(str(side) for side in shape)
            raise RecipeError(
                f"the {recipe.model.family} network does not fit an input of {size}: "
                f"{str(error).splitlines()[0]}",
                "Use fewer blocks, smaller kernels or a larger preprocessing.image_size.",
            ) from None
        scores = keras.layers.Dense(len(spec.class_names), name="scores")(features)
    outputs = keras.layers.Activation("softmax", dtype="float32", name="probabilities")(scores)
    return keras.Model(inputs, outputs, name="core")


def end_to_end(preprocessor: keras.Model, core: keras.Model) -> keras.Model:
    """Join preprocessor and core into the model that is shipped: raw in, answer out."""
    inputs = keras.Input(
        preprocessor.input.shape[1:], dtype=preprocessor.input.dtype, name=preprocessor.input.name
    )
    return keras.Model(inputs, core(preprocessor(inputs)), name="end_to_end")


@contextmanager
def _dtype_policy(name: str) -> Iterator[None]:
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
