"""The learning-rate range test: steps at rising rates, and what the loss does meanwhile.

Smith, 2017, "Cyclical learning rates for training neural networks", section 3.3; rates grow by a
constant factor, as in Gugger's finder of fastai. The weights that come out are thrown away.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

from dlcli.errors import DlcliError, RecipeError
from dlcli.events import Events, Stage
from dlcli.recipe.schema import Recipe
from dlcli.training import run

_DIVERGED = 2.0  # times the loss at the start
_AVERAGE = 0.9  # momentum of the average by which it is seen
_WIDTH = 0.12  # of the smoothing, in decades
_LEAST_FALL = 0.05  # of the loss at the start; less is noise


@dataclass(frozen=True)
class RangeTest:
    """What came out.

    Args:
        rates: float (num_rates,), rising by a constant factor.
        losses: float (num_rates,), of the step at each rate.
        smoothed: float (num_rates,), of the neighbours in the logarithm of the rate.
        diverged_at: the rate that was too much, or None when the last one was reached.
        at_lowest_loss: the rate at which the smoothed loss was lowest.
        steepest: the rate before it at which the smoothed loss fell fastest.
        suggestion: the geometric mean of the steepest and of a tenth of the one at the lowest
            loss, with two digits; None where the loss never fell. The steepest alone is far too
            low where a first fall comes early, the other one too high where the bottom is wide.
    """

    rates: np.ndarray
    losses: np.ndarray
    smoothed: np.ndarray
    diverged_at: float | None
    at_lowest_loss: float
    steepest: float
    suggestion: float | None


def find(
    recipe: Recipe, *, lowest: float, highest: float, num_rates: int, events: Events
) -> RangeTest:
    """Train from the start with a rate that rises from step to step.

    All is as in the training of the recipe but the rate: data, order, network, optimizer and
    loss. Where gradients are accumulated, a rate lasts until they are applied.

    Args:
        recipe: what to train; its schedule is left out.

    Raises:
        RecipeError: the network has more than one loss.
        DlcliError: the loss was not finite from the start.
    """
    training = recipe.training.model_copy(
        update={"schedule": "constant", "warmup_epochs": 0.0, "ema_momentum": None}
    )
    prepared = run.prepare(recipe.model_copy(update={"training": training}), events)
    core = prepared.loop.core
    if hasattr(core, "optimizers"):
        raise RecipeError(
            f"the family {recipe.model.family} trains two networks against each other: there is "
            "no one loss that a learning rate could be judged by.",
            "Compare whole trainings: dlcli train RECIPE training.learning_rate=...",
        )
    rates = np.geomspace(lowest, highest, num_rates)
    batches = _endless(prepared.train_batches)
    step = _step(core)
    losses: list[float] = []
    average, diverged_at = 0.0, None
    for index, rate in enumerate(rates):
        core.optimizer.learning_rate = rate
        taken = [float(step(next(batches))) for _ in range(training.gradient_accumulation_steps)]
        loss = float(np.mean(taken))
        average = _AVERAGE * average + (1 - _AVERAGE) * loss
        unbiased = average / (1 - _AVERAGE ** (index + 1))
        if not math.isfinite(unbiased) or (losses and unbiased > _DIVERGED * _start(losses)):
            diverged_at = float(rate)
            break
        losses.append(loss)
        events(Stage(f"learning rate {index + 1} of {num_rates}"))
    if len(losses) < 3:
        raise DlcliError(
            f"the loss was not finite, or doubled, at the learning rate {rates[len(losses)]:.1e}, "
            "almost the lowest one.",
            "Begin lower: --lowest 1e-9",
        )
    return judge(rates[: len(losses)], np.array(losses), diverged_at)


def judge(rates: np.ndarray, losses: np.ndarray, diverged_at: float | None = None) -> RangeTest:
    """Say what the losses mean.

    Args:
        rates: float (num_rates,), rising by a constant factor.
        losses: float (num_rates,), finite.
        diverged_at: the rate that was too much, if there was one.
    """
    decades = np.log10(rates)
    smoothed = _smoothed(decades, losses)
    bottom = int(smoothed.argmin())
    slopes = np.gradient(smoothed, decades)
    steepest = float(rates[slopes[: bottom + 1].argmin()])
    suggestion = None
    if smoothed[0] - smoothed[bottom] > _LEAST_FALL * abs(smoothed[0]):
        suggestion = float(f"{math.sqrt(steepest * rates[bottom] / 10):.1e}")
    return RangeTest(
        rates, losses, smoothed, diverged_at, float(rates[bottom]), steepest, suggestion
    )


def _start(losses: list[float]) -> float:
    return float(np.mean(losses[:5]))


def _smoothed(decades: np.ndarray, losses: np.ndarray) -> np.ndarray:
    """A running mean with normal weights, which lags behind on neither side."""
    distances = (decades[:, None] - decades[None, :]) / _WIDTH
    weights = np.exp(-0.5 * distances**2)
    return weights @ losses / weights.sum(axis=1)


def _endless(
    train_batches: Callable[[int, int], tf.data.Dataset],
) -> Iterator[tuple[tf.Tensor, tf.Tensor]]:
    for epoch in itertools.count():
        yield from train_batches(epoch, 0)


def _step(core: keras.Model) -> Callable[[tuple[tf.Tensor, tf.Tensor]], tf.Tensor]:
    @tf.function(reduce_retracing=True)
    def step(batch: tuple[tf.Tensor, tf.Tensor]) -> tf.Tensor:
        core.reset_metrics()  # so that the loss is that of this batch
        return core.train_step(batch)["loss"]

    return step
