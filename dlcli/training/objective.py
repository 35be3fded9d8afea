"""What training minimises, where that is not the loss that a task is judged by."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf
from keras import ops

from dlcli import tasks
from dlcli.data import DataSpec, Split
from dlcli.errors import RecipeError
from dlcli.recipe.sections import Training
from dlcli.tasks.protocols import Loss


def of_core(
    core: keras.Model, task: str, training: Training, train: Split, spec: DataSpec
) -> keras.Model:
    """Give a core the objective of a recipe.

    Only training takes it: the loss of `compile` stays what validation shows, so that figures of
    recipes with other smoothing or weights compare.

    Args:
        core: not yet compiled; numbers to probabilities (batch, num_classes).
        spec: class names.

    Returns:
        The core, or one with the same weights that minimises something else.

    Raises:
        RecipeError: the output has no such loss.
    """
    asked = {
        "label_smoothing": training.label_smoothing > 0,
        "class_weights": training.class_weights != "none",
    }
    keys = [f"training.{key}" for key, is_asked in asked.items() if is_asked]
    if not keys:
        return core
    weighted_loss = tasks.head_of(task).weighted_loss
    if weighted_loss is None:
        raise RecipeError(
            f"{' and '.join(keys)} cannot be used here: {task} is no classification.",
            f"Leave {'them' if len(keys) > 1 else 'it'} out.",
        )
    chosen = _Core(core.input, core.output, name=core.name)
    chosen.objective = weighted_loss(
        train.targets[train.rows], spec, training.class_weights, training.label_smoothing
    )
    return chosen


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
