"""Optimizer and learning-rate schedule of a recipe; the schedule is a function of the step."""

from __future__ import annotations

import keras

from dlcli.sections import Training

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


def build(training: Training, steps_per_epoch: int) -> keras.optimizers.Optimizer:
    """Build the optimizer.

    Args:
        training: the recipe's section.
        steps_per_epoch: steps, to place the schedule.
    """
    keywords: dict[str, object] = {"learning_rate": _learning_rate(training, steps_per_epoch)}
    if training.optimizer in {"sgd", "rmsprop"}:
        keywords["momentum"] = training.momentum
    if training.weight_decay:
        keywords["weight_decay"] = training.weight_decay
    elif training.optimizer == "adamw":
        keywords["weight_decay"] = 0.0  # the recipe's word, not Keras's default of 0.004
    if training.gradient_clip_norm:
        keywords["global_clipnorm"] = training.gradient_clip_norm
    optimizer = _CLASSES[training.optimizer](**keywords)
    if training.precision == "mixed_float16":
        return keras.optimizers.LossScaleOptimizer(optimizer)
    return optimizer


def _learning_rate(
    training: Training, steps_per_epoch: int
) -> float | keras.optimizers.schedules.LearningRateSchedule:
    peak, total = training.learning_rate, training.epochs * steps_per_epoch
    if training.schedule == "one-cycle":
        start, warmup, floor = peak / 25, round(0.3 * total), 0.0
    else:
        start, warmup = 0.0, round(training.warmup_epochs * steps_per_epoch)
        floor = 0.0 if training.schedule == "cosine" else 1.0
        if training.schedule == "constant" and not warmup:
            return peak
    warmup = min(warmup, total - 1)
    if not warmup:
        return keras.optimizers.schedules.CosineDecay(peak, total, alpha=floor)
    return keras.optimizers.schedules.CosineDecay(
        start, total - warmup, alpha=floor, warmup_target=peak, warmup_steps=warmup
    )
