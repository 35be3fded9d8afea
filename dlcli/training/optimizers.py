"""The optimizer of a recipe."""

from __future__ import annotations

import keras

from dlcli.recipe.sections import Training

_CLASSES = {
    "adam": keras.optimizers.Adam,
    "adamw": keras.optimizers.AdamW,
    "nadam": keras.optimizers.Nadam,
    "adamax": keras.optimizers.Adamax,
    "adagrad": keras.optimizers.Adagrad,
    "adadelta": keras.optimizers.Adadelta,
    "rmsprop": keras.optimizers.RMSprop,
    "sgd": keras.optimizers.SGD,
    "lion": keras.optimizers.Lion,
}


def build(
    training: Training, learning_rate: float | keras.optimizers.schedules.LearningRateSchedule
) -> keras.optimizers.Optimizer:
    """Build the optimizer.

    All that it remembers is in its variables: moments, accumulated gradients, averaged weights.

    Args:
        learning_rate: what `schedules.build` gave for the same recipe.
    """
    keywords: dict[str, object] = {"learning_rate": learning_rate}
    if training.optimizer in {"sgd", "rmsprop"}:
        keywords["momentum"] = training.momentum
    if training.optimizer in {"adam", "adamw", "nadam", "adamax", "lion"}:
        keywords["beta_1"] = training.beta_1
    if training.optimizer == "sgd":
        keywords["nesterov"] = training.nesterov
    if training.weight_decay:
        keywords["weight_decay"] = training.weight_decay
    elif training.optimizer == "adamw":
        keywords["weight_decay"] = 0.0  # the recipe's word, not Keras's default of 0.004
    if training.gradient_clip_norm:
        keywords["global_clipnorm"] = training.gradient_clip_norm
    if training.gradient_clip_value:
        keywords["clipvalue"] = training.gradient_clip_value
    if training.gradient_accumulation_steps > 1:
        keywords["gradient_accumulation_steps"] = training.gradient_accumulation_steps
    if training.ema_momentum:
        keywords |= {"use_ema": True, "ema_momentum": training.ema_momentum}
    optimizer = _CLASSES[training.optimizer](**keywords)
    if training.precision == "mixed_float16":
        return keras.optimizers.LossScaleOptimizer(optimizer)
    return optimizer
