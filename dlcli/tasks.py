"""Tasks: what stands on top of a family's features, and what training minimises and watches."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
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
        head: features and data to the prediction, which is float32 whatever the dtype
            policy is.
        loss: data to a Keras loss.
        metrics: name -> Keras metric, shown while training.
        monitor: the validation metric that chooses the best epoch; a tie goes
            to the lower loss.
        higher_is_better: direction of `monitor`.
    """

    head: Callable[[keras.KerasTensor, DataSpec], keras.KerasTensor]
    loss: Callable[[DataSpec], Any]
    metrics: Mapping[str, Callable[[], keras.Metric]]
    monitor: str
    higher_is_better: bool


def _classification_head(features: keras.KerasTensor, spec: DataSpec) -> keras.KerasTensor:
    """Probabilities (batch, num_classes)."""
    scores = keras.layers.Dense(len(spec.class_names), name="scores")(features)
    return keras.layers.Activation("softmax", dtype="float32", name="probabilities")(scores)


def _regression_head(features: keras.KerasTensor, spec: DataSpec) -> keras.KerasTensor:
    """A number (batch, 1) in the target's own units; what is learned is its standard score."""
    score = keras.layers.Dense(1, name="score")(features)
    return keras.layers.Rescaling(
        spec.target_std, offset=spec.target_mean, dtype="float32", name="prediction"
    )(score)


def _squared_standard_error(spec: DataSpec) -> Any:
    """Mean squared error of standard scores, so that learning rates fit targets of any unit."""

    def loss(targets: Any, predictions: Any) -> Any:
        return keras.losses.mean_squared_error(
            targets / spec.target_std, predictions / spec.target_std
        )

    return loss


_CLASSIFICATION = Task(
    head=_classification_head,
    loss=lambda spec: "sparse_categorical_crossentropy",
    metrics={"accuracy": lambda: keras.metrics.SparseCategoricalAccuracy("accuracy")},
    monitor="accuracy",
    higher_is_better=True,
)
_REGRESSION = Task(
    head=_regression_head,
    loss=_squared_standard_error,
    metrics={
        "rmse": lambda: keras.metrics.RootMeanSquaredError("rmse"),
        "mae": lambda: keras.metrics.MeanAbsoluteError("mae"),
    },
    monitor="rmse",
    higher_is_better=False,
)
TASKS = {
    "image-classification": _CLASSIFICATION,
    "table-classification": _CLASSIFICATION,
    "table-regression": _REGRESSION,
}


def build_core(
    recipe: Recipe, preprocessor: keras.Model, spec: DataSpec, precision: str
) -> keras.Model:
    """Build the untrained core: numeric input to prediction.

    Args:
        recipe: its `task` and `model` sections are read.
        preprocessor: its output shape is the core's input shape.
        spec: class names, or mean and spread of the target.
        precision: Keras dtype policy of the layers; the prediction is float32 always.

    Returns:
        A model named "core": float32 (batch, ...) to probabilities (batch, num_classes),
        or of a regression to (batch, 1) in the target's own units.

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
        outputs = TASKS[recipe.task].head(features, spec)
    return keras.Model(inputs, outputs, name="core")


def end_to_end(preprocessor: keras.Model, core: keras.Model) -> keras.Model:
    """Join preprocessor and core into the model that is shipped: raw in, answer out."""
    inputs = keras.tree.map_structure(
        lambda raw: keras.Input(raw.shape[1:], dtype=raw.dtype, name=raw.name), preprocessor.input
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
