"""Learning-rate schedules: functions of the step, and of a scale that a plateau lowers."""

from __future__ import annotations

import math
from collections.abc import Sequence

import keras
from keras import ops

from dlcli.recipe.sections import Training


class Plateau:
    """When the learning rate is lowered for want of a better validation result.

    Args:
        epochs: epochs without a better result to wait for.
        lowerings: where nothing is validated, the epochs after which it is lowered.

    Attributes:
        scale: float32 (), what the learning rate is multiplied by now.
    """

    def __init__(self, epochs: int, factor: float, lowerings: Sequence[int] = ()) -> None:
        self.epochs = epochs
        self.factor = factor
        self.lowerings = lowerings
        self.scale = keras.Variable(1.0, trainable=False, dtype="float32", name="rate_scale")


def plateau(training: Training, lowerings: Sequence[int] = ()) -> Plateau | None:
    """What the recipe says of plateaus; None where its schedule does not ask for it."""
    if training.schedule != "plateau":
        return None
    return Plateau(training.decay_epochs, training.decay_factor, lowerings)


def build(
    training: Training, steps_per_epoch: int, plateau: Plateau | None = None
) -> float | keras.optimizers.schedules.LearningRateSchedule:
    """Build the schedule of a recipe.

    Args:
        plateau: what `plateau` gave for the same recipe.

    Returns:
        The learning rate itself where it never changes, else a function of the step.
    """
    peak, total = training.learning_rate, training.epochs * steps_per_epoch
    warmup = min(round(training.warmup_epochs * steps_per_epoch), total - 1)
    if training.schedule == "one-cycle":
        return _cosine(training, peak / 25, min(round(0.3 * total), total - 1), total)
    if training.schedule == "cosine":
        return _cosine(training, 0.0, warmup, total)
    base: float | keras.optimizers.schedules.LearningRateSchedule = peak
    if training.schedule == "exponential":
        decay_steps = training.decay_epochs * steps_per_epoch
        base = keras.optimizers.schedules.ExponentialDecay(peak, decay_steps, training.decay_factor)
    elif training.schedule == "step":
        base = _steps(training, steps_per_epoch)
    elif training.schedule == "constant" and not warmup:
        return peak
    # Milestones are epochs of the training; a steady fall begins where the warm-up ends.
    begin = warmup if training.schedule == "exponential" else 0
    return _Composed(base, peak, begin, warmup, training.min_learning_rate, plateau)


def _cosine(
    training: Training, start: float, warmup: int, total: int
) -> keras.optimizers.schedules.LearningRateSchedule:
    peak = training.learning_rate
    floor = training.min_learning_rate / peak
    if not warmup:
        return keras.optimizers.schedules.CosineDecay(peak, total, alpha=floor)
    return keras.optimizers.schedules.CosineDecay(
        start, total - warmup, alpha=floor, warmup_target=peak, warmup_steps=warmup
    )


def _steps(
    training: Training, steps_per_epoch: int
) -> keras.optimizers.schedules.LearningRateSchedule:
    every = range(training.decay_epochs, training.epochs, training.decay_epochs)
    epochs = training.decay_at_epochs or tuple(every)
    # Keras lowers after the step of a boundary; the steps of an epoch end one before the next.
    boundaries = [round(epoch * steps_per_epoch) - 1 for epoch in epochs]
    rates = [
        training.learning_rate * math.pow(training.decay_factor, count)
        for count in range(len(epochs) + 1)
    ]
    return keras.optimizers.schedules.PiecewiseConstantDecay(boundaries, rates)


class _Composed(keras.optimizers.schedules.LearningRateSchedule):
    """A warm-up before, a lower bound under and a plateau's scale on another schedule."""

    def __init__(
        self,
        base: float | keras.optimizers.schedules.LearningRateSchedule,
        peak: float,
        begin: int,
        warmup: int,
        floor: float,
        plateau: Plateau | None,
    ) -> None:
        self._base, self._begin = base, begin
        self._peak, self._warmup = peak, warmup
        self._floor = floor
        self._plateau = plateau

    def __call__(self, step: int) -> keras.KerasTensor:
        step = ops.cast(step, "float32")
        if isinstance(self._base, float):
            rate = ops.convert_to_tensor(self._base, "float32")
        else:
            rate = ops.cast(self._base(ops.maximum(step - self._begin, 0)), "float32")
        if self._plateau:
            rate *= self._plateau.scale
        rate = ops.maximum(rate, self._floor)
        if not self._warmup:
            return rate
        share = ops.minimum(step / self._warmup, 1.0)
        return ops.where(share < 1, ops.minimum(self._peak * share, rate), rate)

    def get_config(self) -> dict[str, object]:
        raise NotImplementedError  # an optimizer is never saved as Keras's file
