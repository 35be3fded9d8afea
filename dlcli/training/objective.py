"""What training minimises, where that is not the loss that a task is judged by."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from dlcli import kinds
from dlcli.data import DataSpec, Split
from dlcli.errors import RecipeError
from dlcli.recipe.schema import Recipe

Loss = Callable[[Any, Any], Any]


def of_core(core: keras.Model, recipe: Recipe, train: Split, spec: DataSpec) -> keras.Model:
    """Give a core the objective of a recipe.

    Only training takes it: the loss of `compile` stays what validation shows, so that figures of
    recipes with other smoothing or weights compare.

    Args:
        core: not yet compiled; numbers to probabilities (batch, num_classes).
        recipe: its `task` and `training` are read.
        train: its classes are counted.
        spec: class names.

    Returns:
        The core, or one with the same weights that minimises something else.

    Raises:
        RecipeError: the task is no classification.
    """
    training = recipe.training
    asked = {
        "label_smoothing": training.label_smoothing > 0,
        "class_weights": training.class_weights != "none",
    }
    keys = [f"training.{key}" for key, is_asked in asked.items() if is_asked]
    if not keys:
        return core
    if kinds.output_of(recipe.task).name != "classification":
        raise RecipeError(
            f"{' and '.join(keys)} cannot be used here: {recipe.task} is no classification.",
            f"Leave {'them' if len(keys) > 1 else 'it'} out.",
        )
    num_classes = len(spec.class_names)
    weights = np.ones(num_classes, np.float32)
    if training.class_weights == "balanced":
        weights = balanced_weights(train.targets[train.rows], num_classes)
    chosen = _Core(core.inputs, core.outputs, name=core.name)
    chosen.objective = cross_entropy(weights, training.label_smoothing)
    return chosen


def balanced_weights(targets: np.ndarray, num_classes: int) -> np.ndarray:
    """Weights by which each class counts as much as any other.

    The mean over the examples is 1, as in scikit-learn's `class_weight="balanced"` (King and
    Zeng, 2001, "Logistic regression in rare events data").

    Args:
        targets: int (num_examples,), class indices.
        num_classes: classes without an example get 0.

    Returns:
        float32 (num_classes,).
    """
    counts = np.bincount(targets, minlength=num_classes)
    share = len(targets) / np.count_nonzero(counts)
    return np.where(counts > 0, share / np.maximum(counts, 1), 0).astype(np.float32)


def cross_entropy(class_weights: np.ndarray, label_smoothing: float) -> Loss:
    """Cross-entropy with a weight for each class and with smoothed labels.

    Args:
        class_weights: float32 (num_classes,).
        label_smoothing: share of a label that goes to all classes evenly (Szegedy et al., 2016,
            "Rethinking the Inception architecture", section 7).

    Returns:
        targets int (batch,) and probabilities (batch, num_classes) to losses (batch,).
    """

    def loss(targets: Any, probabilities: Any) -> Any:
        losses = keras.losses.categorical_crossentropy(
            ops.one_hot(ops.cast(targets, "int32"), len(class_weights)),
            probabilities,
            label_smoothing=label_smoothing,
        )
        return losses * ops.take(ops.convert_to_tensor(class_weights), targets)

    return loss


class _Core(keras.Model):
    """A core whose training minimises `objective` in place of the compiled loss."""

    objective: Loss

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        if not training:
            return super().compute_loss(x, y, y_pred, sample_weight, training)
        penalties = [ops.sum(penalty) for penalty in self.losses]
        loss = ops.mean(self.objective(y, y_pred)) + sum(penalties)
        # As Keras does, whose steps count the losses of all replicas together.
        num_replicas = tf.distribute.get_strategy().num_replicas_in_sync
        return loss / num_replicas if num_replicas > 1 else loss
