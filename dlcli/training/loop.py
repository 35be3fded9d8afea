"""The training loop: Keras's own `train_step`, driven so that it can stop and go on anywhere.

Keras's `fit` with `BackupAndRestore` loses random states, the position in the
data and all counters. Here the whole state is the core's variables (weights,
random seeds, metrics), the optimizer's, and one small document; the order of
examples is a function of (seed, epoch). Many steps run in one TensorFlow call,
so that Python costs nothing a step.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from dlcli.errors import DivergedError
from dlcli.training.events import EpochEnded, Report, StepsDone

_SECONDS_A_CALL = 0.2  # how long one TensorFlow call should take: a signal is answered after it
_MAX_STEPS_A_CALL = 512


@dataclass
class Position:
    """Where training is: the part of its state that is not an array.

    Args:
        epoch: epochs completed.
        step: steps done in the epoch after them.
        history: one row an epoch.
        best_epoch: the best epoch so far, from 1; 0 for none.
        best: its (monitored value signed so that higher is better, -loss).
        seconds: spent training so far.
        finished: whether training is over, by its last epoch or early.
    """

    epoch: int = 0
    step: int = 0
    history: list[dict[str, float]] = field(default_factory=list)
    best_epoch: int = 0
    best: tuple[float, float] = (-math.inf, -math.inf)
    seconds: float = 0.0
    finished: bool = False


class Loop:
    """Trains a compiled core.

    Args:
        core: compiled.
        train_batches: (epoch, first_step) -> batches of that epoch from that step on.
        validation_batches: batches of the validation split.
        num_train: examples in the train split.
        num_validation: examples in the validation split.
        batch_size: examples a step.
        epochs: epochs in all.
        monitor: the metric that chooses the best epoch.
        higher_is_better: direction of `monitor`.
        early_stopping_epochs: epochs without a better result to stop after, or None.
        max_seconds: training time to stop after, or None.
        checkpoint_seconds: time between checkpoints inside an epoch.
    """

    def __init__(
        self,
        core: keras.Model,
        train_batches: Callable[[int, int], tf.data.Dataset],
        validation_batches: tf.data.Dataset,
        *,
        num_train: int,
        num_validation: int,
        batch_size: int,
        epochs: int,
        monitor: str,
        higher_is_better: bool,
        early_stopping_epochs: int | None,
        max_seconds: float | None,
        checkpoint_seconds: float,
    ) -> None:
        self.core = core
        self.position = Position()
        self.best_weights: list[np.ndarray] = []
        self.steps_per_epoch = math.ceil(num_train / batch_size)
        self._train_batches = train_batches
        self._validation_batches = validation_batches
        self._validation_steps = math.ceil(num_validation / batch_size)
        self._num_train = num_train
        self._batch_size = batch_size
        self._epochs = epochs
        self._monitor = monitor
        self._sign = 1.0 if higher_is_better else -1.0
        self._early_stopping_epochs = early_stopping_epochs
        self._max_seconds = max_seconds
        self._checkpoint_seconds = checkpoint_seconds
        self._train_call = _many_steps(core.train_step)
        self._validation_call = _many_steps(core.test_step)
        self._steps_a_call = 1

    @property
    def global_step(self) -> int:
        """Optimizer steps done."""
        return self.position.epoch * self.steps_per_epoch + self.position.step

    def prepare(self) -> None:
        """Create the variables that Keras makes at the first step, to be able to restore them."""
        self.core.optimizer.build(self.core.trainable_variables)
        self.core.test_step(next(iter(self._validation_batches)))
        self.core.reset_metrics()

    def run(
        self,
        *,
        save: Callable[[], None],
        report: Report,
        stop: Callable[[], bool],
    ) -> bool:
        """Train until the end, or until told to stop.

        Args:
            save: called when the state should be kept: at the end of each
                epoch, at intervals, and before an early return.
            report: told of progress.
            stop: asked between calls whether to save and return.

        Returns:
            Whether training is over; False when `stop` ended it.

        Raises:
            DivergedError: the loss is not finite; nothing was saved after the fault.
        """
        position = self.position
        while not position.finished:
            if not self._run_epoch(save, report, stop):
                return False
            best_is_old = (
                self._early_stopping_epochs is not None
                and position.epoch - position.best_epoch >= self._early_stopping_epochs
            )
            out_of_time = self._max_seconds is not None and position.seconds >= self._max_seconds
            position.finished = position.epoch >= self._epochs or best_is_old or out_of_time
            save()
        return True

    def _run_epoch(
        self, save: Callable[[], None], report: Report, stop: Callable[[], bool]
    ) -> bool:
        position = self.position
        started = last_saved = time.monotonic()
        seconds_before, first_step = position.seconds, position.step
        if position.step == 0:
            self.core.reset_metrics()
        batches = iter(self._train_batches(position.epoch, position.step))
        while position.step < self.steps_per_epoch:
            num_steps = min(self._steps_a_call, self.steps_per_epoch - position.step)
            call_started = time.monotonic()
            self._train_call(batches, tf.constant(num_steps))
            position.step += num_steps
            now = time.monotonic()
            self._adapt_steps(num_steps, now - call_started)
            position.seconds = seconds_before + now - started
            logs = self._logs()
            self._check_finite(logs["loss"], num_steps)
            done = (position.step - first_step) * self._batch_size
            report(StepsDone(position.epoch, position.step, logs, done / (now - started)))
            if stop():
                save()
                return False
            if (
                now - last_saved >= self._checkpoint_seconds
                and position.step < self.steps_per_epoch
            ):
                save()
                last_saved = time.monotonic()
        training_seconds = time.monotonic() - started
        examples = self._num_train - first_step * self._batch_size
        self._end_epoch(report, started, examples / training_seconds)
        position.seconds = seconds_before + time.monotonic() - started
        return True

    def _end_epoch(self, report: Report, started: float, examples_per_second: float) -> None:
        position = self.position
        train_logs = self._logs()
        self.core.reset_metrics()
        self._validation_call(iter(self._validation_batches), tf.constant(self._validation_steps))
        validation_logs = self._logs()
        row: dict[str, float] = {
            "epoch": position.epoch + 1,
            "learning_rate": float(self.core.optimizer.learning_rate),
            **train_logs,
            **{f"val_{name}": value for name, value in validation_logs.items()},
        }
        position.history.append(row)
        position.epoch += 1
        position.step = 0
        value = (self._sign * validation_logs[self._monitor], -validation_logs["loss"])
        is_best = value > position.best
        if is_best:
            position.best, position.best_epoch = value, position.epoch
            self.best_weights = self.core.get_weights()
        report(EpochEnded(row, is_best, time.monotonic() - started, examples_per_second))

    def state(self) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        """The whole state: arrays by name, and a JSON document."""
        arrays = {f"variable-{i}": variable.numpy() for i, variable in enumerate(self._variables())}
        arrays |= {f"best-{i}": weights for i, weights in enumerate(self.best_weights)}
        return arrays, asdict(self.position)

    def restore(self, arrays: dict[str, np.ndarray], state: dict[str, Any]) -> None:
        """Take up a state that `state` gave."""
        variables = self._variables()
        for i, variable in enumerate(variables):
            variable.assign(arrays[f"variable-{i}"])
        num_best = sum(name.startswith("best-") for name in arrays)
        self.best_weights = [arrays[f"best-{i}"] for i in range(num_best)]
        self.position = Position(**{**state, "best": tuple(state["best"])})

    def _variables(self) -> list[keras.Variable]:
        """Weights, random seeds, metrics and the optimizer's variables, each once."""
        listed: Iterable[keras.Variable] = [
            *self.core.variables,
            *(variable for metric in self.core.metrics for variable in metric.variables),
            *self.core.optimizer.variables,
        ]
        return list({id(variable): variable for variable in listed}.values())

    def _logs(self) -> dict[str, float]:
        return {name: float(value) for name, value in self.core.get_metrics_result().items()}

    def _adapt_steps(self, num_steps: int, seconds: float) -> None:
        """Choose the steps of the next call; this leaves every bit of the result alone."""
        if num_steps == self._steps_a_call:
            if seconds < _SECONDS_A_CALL / 2:
                self._steps_a_call = min(2 * self._steps_a_call, _MAX_STEPS_A_CALL)
            elif seconds > 2 * _SECONDS_A_CALL:
                self._steps_a_call = max(self._steps_a_call // 2, 1)

    def _check_finite(self, loss: float, num_steps: int) -> None:
        if math.isfinite(loss):
            return
        last = self.global_step
        rate = float(self.core.optimizer.learning_rate)
        raise DivergedError(
            f"the loss became {loss} between step {last - num_steps + 1} and step {last} "
            f"(epoch {self.position.epoch + 1}), at learning rate {rate:.3g}.",
            "The likely cause is a learning rate that is too high. Try "
            f"training.learning_rate={rate / 10:.1g}, or training.gradient_clip_norm=1.",
        )


def _many_steps(step: Callable[[Any], Any]) -> Callable[[Any, tf.Tensor], None]:
    @tf.function(reduce_retracing=True)
    def call(batches: Any, num_steps: tf.Tensor) -> None:
        for _ in tf.range(num_steps):
            step(next(batches))

    return call
