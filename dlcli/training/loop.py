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
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from dlcli import outputs
from dlcli.devices.replicas import Replicas, seed_generators
from dlcli.errors import DivergedError, UsageError
from dlcli.events import EpochEnded, Events, StepsDone, Warned
from dlcli.training.batch_norm_statistics import BatchNormStatistics
from dlcli.training.profile import CHECKPOINTS, INPUT, LOGGING, STATISTICS, VALIDATION, Profile
from dlcli.training.schedules import Plateau

_SECONDS_A_CALL = 0.2  # how long one TensorFlow call should take: a signal is answered after it
_MAX_STEPS_A_CALL = 512
_EXPLODED = 100.0  # times the loss at the start: what a mean of an epoch never comes back from
_SLOW = 1.5  # times as long as is usual: a worker to name
_SLOW_SECONDS = 0.5  # what is over sooner says nothing
_SAVING_SHARE = 0.005  # an epoch's end is saved when that costs less than this share of the time


@dataclass
class Position:
    """Where training is: the part of its state that is not an array.

    Args:
        epoch: epochs completed.
        step: steps done in the epoch after them.
        global_step: optimizer steps done in all.
        first_loss: loss of the very first step.
        train_logs: metrics over all steps of that epoch, once they are done.
        history: one row an epoch.
        best_epoch: the best epoch so far, from 1; 0 for none.
        rate_scale: what plateaus have multiplied the learning rate by.
        lowered_epoch: epochs completed when that happened last.
        lowerings: epochs completed each time that it happened.
        seconds: spent training so far, checkpoints included.
        epoch_seconds: of these, in the epoch after the completed ones.
        saving_seconds: of these, on checkpoints before this one.
    """

    epoch: int = 0
    step: int = 0
    global_step: int = 0
    first_loss: float = math.inf
    train_logs: dict[str, float] = field(default_factory=dict)
    history: list[dict[str, float]] = field(default_factory=list)
    best_epoch: int = 0
    rate_scale: float = 1.0
    lowered_epoch: int = 0
    lowerings: list[int] = field(default_factory=list)
    seconds: float = 0.0
    epoch_seconds: float = 0.0
    saving_seconds: float = 0.0


def position_of(state: dict[str, Any]) -> Position:
    """A position from its JSON document; dlcli 0.1 noted the best value in it as well."""
    known = {each.name for each in fields(Position)}
    return Position(**{name: value for name, value in state.items() if name in known})


@dataclass(frozen=True)
class Batches:
    """What a loop trains and validates on.

    Args:
        train: (epoch, first_step) -> batches of that epoch from that step on.
        num_validation: examples in the validation split; 0 to validate nothing, and keep the
            weights of the last epoch.
        size: examples a step.
    """

    train: Callable[[int, int], tf.data.Dataset]
    validation: tf.data.Dataset
    num_train: int
    num_validation: int
    size: int

    @property
    def steps_per_epoch(self) -> int:
        """Steps that take each example of the train split once."""
        return math.ceil(self.num_train / self.size)


@dataclass(frozen=True)
class Limits:
    """When training ends, and when its state is saved.

    Args:
        early_stopping_epochs: epochs without a better result to stop after, or None.
        checkpoint_seconds: time between checkpoints.
        checkpoint_steps: steps between checkpoints, besides those by time, or None.
    """

    epochs: int
    early_stopping_epochs: int | None
    max_seconds: float | None
    checkpoint_seconds: float
    checkpoint_steps: int | None = None


class Loop:
    """Trains a compiled core.

    Args:
        core: compiled, with the optimizers of its steps as `optimizer` or `optimizers`.
        monitor: the validation metric that chooses the best epoch; a tie goes to the lower loss.
        plateau: lowers the learning rate for want of a better result, or None.
        averages_weights: whether the optimizer keeps a running average of the weights, which is
            what is validated and chosen then.
        compiled: whether XLA compiles each train step.
        kept: the model whose weights are those of the best epoch; the core where None.
        statistics: estimates the batch normalisation of `kept` before it is validated, or None.
    """

    def __init__(
        self,
        core: keras.Model,
        batches: Batches,
        limits: Limits,
        *,
        monitor: str,
        plateau: Plateau | None = None,
        averages_weights: bool = False,
        compiled: bool = False,
        profile: Profile | None = None,
        kept: keras.Model | None = None,
        statistics: BatchNormStatistics | None = None,
        replicas: Replicas | None = None,
    ) -> None:
        self.core = core
        self._kept = kept or core
        self._statistics = statistics
        self._replicas = replicas or Replicas()
        self.position = Position()
        self.best_weights: list[np.ndarray] = []
        self.batches, self._limits = batches, limits
        self.steps_per_epoch = batches.steps_per_epoch
        self._train_batches = batches.train
        self._validation_steps = math.ceil(batches.num_validation / batches.size)
        self._monitor = monitor
        self._sign = 1.0 if outputs.metric(monitor).higher_is_better else -1.0
        self._plateau = plateau
        self._averages_weights = averages_weights
        self._profile = profile
        train_step = self._replicas.train_step(core, compiled)
        self._train_call: Callable[..., None] = _many_steps(train_step)
        self._validation_call: Callable[..., None] = _many_steps(
            self._replicas.validation_step(core)
        )
        if profile:
            self._train_call = profile.train_calls(train_step)
            self._validation_call = profile.computed(VALIDATION, self._validation_call)
            if statistics:
                statistics.forward = profile.computed(STATISTICS, statistics.forward)
            self._train_batches = profile.measured(
                INPUT, lambda epoch, first_step: iter(batches.train(epoch, first_step))
            )
        self._steps_a_call = 1
        self._ticked = self._saved = 0.0  # when the time was last noted, and the state last saved
        self._saving_seconds = 0.0  # what the last checkpoint took
        self._validated = False  # whether this process has validated, and so has built the graph
        self._slow: set[str] = set()  # workers that were named

    @property
    def _validates(self) -> bool:
        return self._validation_steps > 0

    @property
    def optimizers(self) -> list[keras.optimizers.Optimizer]:
        """Those of the core's steps, one or more."""
        return getattr(self.core, "optimizers", [self.core.optimizer])

    @property
    def is_over(self) -> bool:
        """Whether training has come to its end: its last epoch, no better result, or its time."""
        position, limits = self.position, self._limits
        if position.epoch == 0 or position.step > 0:
            return False
        best_is_old = (
            limits.early_stopping_epochs is not None
            and position.epoch - position.best_epoch >= limits.early_stopping_epochs
        )
        out_of_time = limits.max_seconds is not None and position.seconds >= limits.max_seconds
        return position.epoch >= limits.epochs or best_is_old or out_of_time

    def prepare(self) -> None:
        """Create the variables that Keras makes at the first step, to be able to restore them."""
        self._replicas.prepare(self.core, next(iter(self.batches.validation)))
        self._logs = self._replicas.logs(self.core)
        self._read = self._replicas.reader(self._variables())

    def run(self, *, save: Callable[[], None], events: Events, stop: Callable[[], bool]) -> bool:
        """Train until the end, or until told to stop.

        Args:
            save: called when the state should be kept: at intervals, at the
                end of an epoch unless it was kept a moment ago, and before
                returning.

        Returns:
            Whether training is over; False when `stop` ended it.

        Raises:
            DivergedError: the loss is not finite, or far above where it began; no epoch
                after the fault was kept.
        """
        if self._profile:
            save = self._profile.measured(CHECKPOINTS, save)
            events = self._profile.measured(LOGGING, events)
        self._ticked = self._saved = time.monotonic()
        while not self.is_over:
            if not self._run_epoch(save, events, stop):
                self._save(save)
                return False
            _, is_due = self._settle(False, self._is_due(at_epoch_end=True))
            if is_due:
                self._save(save)
        return True

    def _run_epoch(
        self, save: Callable[[], None], events: Events, stop: Callable[[], bool]
    ) -> bool:
        position = self.position
        started, first_step = time.monotonic(), position.step
        if position.step == 0:
            self.core.reset_metrics()
        batches = iter(self._train_batches(position.epoch, position.step))
        while position.step < self.steps_per_epoch:
            num_steps = self._num_steps()
            call_started = time.monotonic()
            self._train_call(batches, tf.constant(num_steps))
            position.step += num_steps
            position.global_step += num_steps
            now = self._tick()
            self._adapt_steps(num_steps, now - call_started)
            logs = self._logs()
            self._check_finite(logs["loss"], num_steps)
            if position.global_step == 1:
                position.first_loss = logs["loss"]
            done = (position.step - first_step) * self.batches.size
            events(StepsDone(position.epoch, position.step, logs, done / (now - started)))
            stopped, is_due = self._settle(stop(), self._is_due())
            if stopped:
                return False
            if position.step < self.steps_per_epoch and is_due:
                self._save(save)
        examples = max(self.batches.num_train - first_step * self.batches.size, 0)
        examples_per_second = examples / (time.monotonic() - started)
        # Resumed in the middle of validation, the metrics of the steps are in the position.
        position.train_logs = position.train_logs or self._logs()
        self._check_exploded(position.train_logs["loss"])
        with self._random_state_kept():
            if not self._estimate(stop):
                return False
            with self.validated_weights():
                validation_logs = self._validate(events, stop) if self._validates else {}
                if validation_logs is None:
                    return False
                is_best = self._note(validation_logs)
            self._lower_rate()
            self._tick()
            seconds, position.epoch_seconds = position.epoch_seconds, 0.0
            events(EpochEnded(position.history[-1], is_best, seconds, examples_per_second))
        return True

    def _num_steps(self) -> int:
        """Steps of the next call: none beyond the epoch or the next checkpoint."""
        position, every = self.position, self._limits.checkpoint_steps
        if position.global_step == 0:  # alone, for its loss
            return 1
        to_checkpoint = every - position.global_step % every if every else _MAX_STEPS_A_CALL
        return min(self._steps_a_call, self.steps_per_epoch - position.step, to_checkpoint)

    def _is_due(self, at_epoch_end: bool = False) -> bool:
        """Whether the state should be saved now."""
        every, wait = self._limits.checkpoint_steps, self._limits.checkpoint_seconds
        if every and self.position.global_step % every == 0:
            return True
        if at_epoch_end:
            if self.is_over:
                return True
            # Epochs of a moment would spend more on checkpoints than a kill can cost.
            wait = min(wait, self._saving_seconds / _SAVING_SHARE)
        return time.monotonic() - self._saved >= wait

    def _save(self, save: Callable[[], None]) -> None:
        started = self._tick()
        save()
        self._saved = self._tick()
        self._saving_seconds = self._saved - started
        self.position.saving_seconds += self._saving_seconds
        self._settle(False, False)

    def _settle(self, stopped: bool, is_due: bool) -> tuple[bool, bool]:
        """Let all workers do what a signal says to one of them, and what worker 0's clock says."""
        stopped, (due, steps_a_call, seconds) = self._replicas.agree(
            stopped, is_due, self._steps_a_call, self.position.seconds
        )
        self._steps_a_call, self.position.seconds = int(steps_a_call), seconds
        return stopped, bool(due)

    def _tick(self) -> float:
        """Add the time since the last call to that spent; the time now."""
        now = time.monotonic()
        self.position.seconds += now - self._ticked
        self.position.epoch_seconds += now - self._ticked
        self._ticked = now
        return now

    def _estimate(self, stop: Callable[[], bool]) -> bool:
        """Estimate the batch normalisation that is validated; False when `stop` ended it."""
        position, statistics = self.position, self._statistics
        if statistics is None:
            return True
        statistics.forget()
        is_wanted = self._validates or position.epoch + 1 == self._limits.epochs
        if not (is_wanted and statistics.are_due(position.global_step)):
            return True
        with self._averaged_weights():
            return statistics.estimate(lambda: self._settle(stop(), False)[0])

    def _validate(self, events: Events, stop: Callable[[], bool]) -> dict[str, float] | None:
        """Metrics of the validation split, or None when `stop` ended it."""
        self.core.reset_metrics()
        batches = iter(self.batches.validation)
        step, seconds = 0, 0.0
        while step < self._validation_steps:
            num_steps = min(self._steps_a_call, self._validation_steps - step)
            started = time.monotonic()
            self._validation_call(batches, tf.constant(num_steps))
            seconds += time.monotonic() - started
            step += num_steps
            stopped, _ = self._settle(stop(), False)
            if stopped:
                return None
        self._name_slow_workers(seconds, events)
        return self._logs()

    def _name_slow_workers(self, seconds: float, events: Events) -> None:
        """Warn once of each worker that took much longer for its share of the validation split.

        Nobody waits for another there, as in train steps, which all take as long as the slowest.
        """
        if len(self._replicas.workers) == 1:
            return
        all_seconds = self._replicas.gather(seconds)
        is_first, self._validated = not self._validated, True
        usual = float(np.median(sorted(all_seconds)[: len(all_seconds) // 2 + 1]))
        for worker, taken in zip(self._replicas.workers, all_seconds, strict=True):
            if is_first or worker in self._slow or taken < max(_SLOW * usual, _SLOW_SECONDS):
                continue  # the first time, graphs were built
            self._slow.add(worker)
            events(
                Warned(
                    f"{worker} is slower than the others: {taken:.1f} s for its share of the "
                    f"validation split, against {usual:.1f} s. Every step waits for it."
                )
            )

    def _note(self, validation_logs: dict[str, float]) -> bool:
        """Enter the epoch that just ended; whether it was validated and is the best so far."""
        position = self.position
        row: dict[str, float] = {
            "epoch": position.epoch + 1,
            "learning_rate": float(tf.convert_to_tensor(self.core.optimizer.learning_rate)),
            **position.train_logs,
            **{f"val_{name}": value for name, value in validation_logs.items()},
        }
        position.history.append(row)
        position.epoch, position.step, position.train_logs = position.epoch + 1, 0, {}
        if self._validates:
            best = position.history[position.best_epoch - 1] if position.best_epoch else None
            is_best = best is None or self._merit(row) > self._merit(best)
        else:
            is_best = position.epoch == self._limits.epochs
        if is_best:
            position.best_epoch = position.epoch
            self.best_weights = self._kept.get_weights()
        return is_best and self._validates

    def _merit(self, row: dict[str, float]) -> tuple[float, float]:
        """How good an epoch is: what chooses it, so that more is better, and then its loss."""
        return self._sign * row[f"val_{self._monitor}"], -row["val_loss"]

    @contextmanager
    def validated_weights(self) -> Iterator[None]:
        """Put what is validated in place for a while.

        That is the average of the weights where there is one, and the batch normalisation that
        was estimated for it.
        """
        estimated = self._statistics.in_place() if self._statistics else nullcontext()
        with self._averaged_weights(), estimated:
            yield

    @contextmanager
    def _averaged_weights(self) -> Iterator[None]:
        """Put the average of the weights in their place for a while, where there is one."""
        if not self._averages_weights:
            yield
            return
        variables = self.core.trainable_variables
        weights = [variable.numpy() for variable in variables]
        self.core.optimizer.finalize_variable_values(variables)
        try:
            yield
        finally:
            for variable, values in zip(variables, weights, strict=True):
                variable.assign(values)

    @contextmanager
    def _random_state_kept(self) -> Iterator[None]:
        """Leave the random state as the train steps left it.

        Keras's recurrent layers with dropout draw from it in every call, also without training.
        How often that happens at the end of an epoch depends on the clock and on when training
        was stopped: gradients and sample texts are made as time allows, and an interrupted
        validation begins anew.
        """
        seeds = [generator.state for generator in seed_generators(self.core)]
        before = [seed.numpy() for seed in seeds]
        try:
            yield
        finally:
            for seed, value in zip(seeds, before, strict=True):
                seed.assign(value)

    def _lower_rate(self) -> None:
        """Lower the learning rate when the last better result, or lowering, is too old."""
        plateau, position = self._plateau, self.position
        if plateau is None:
            return
        waited = position.epoch - max(position.best_epoch, position.lowered_epoch)
        is_due = (
            waited >= plateau.epochs if self._validates else position.epoch in plateau.lowerings
        )
        if is_due:
            position.rate_scale *= plateau.factor
            position.lowered_epoch = position.epoch
            position.lowerings.append(position.epoch)
            plateau.scale.assign(position.rate_scale)

    def state(self) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        """The whole state: arrays by name, and a JSON document."""
        arrays = self._read()
        arrays |= {f"best-{i}": weights for i, weights in enumerate(self.best_weights)}
        return arrays, asdict(self.position)

    def restore(self, arrays: dict[str, np.ndarray], state: dict[str, Any]) -> None:
        """Take up a state that `state` gave.

        Raises:
            UsageError: it is that of another network or optimizer; nothing was changed.
        """
        variables = self._variables()
        best = [array for name, array in arrays.items() if name.startswith("best-")]
        _check_fit(variables, arrays)
        self._replicas.write(variables, arrays)
        self.best_weights = best
        self.position = position_of(state)
        if self._plateau:
            self._plateau.scale.assign(self.position.rate_scale)

    def restart_epoch(self) -> None:
        """Begin the present epoch anew: its batches are others than those that were taken."""
        self.position.step, self.position.train_logs = 0, {}

    def _variables(self) -> dict[str, keras.Variable]:
        """All that training changes, each variable once: weights, random seeds, metrics, optimizer.

        Keras's own names count the layers made in the process, so they tell no state from another.
        """
        metrics = [variable for metric in self.core.metrics for variable in metric.variables]
        groups = (
            ("core", self.core.variables),
            ("metric", metrics),
            *(("optimizer", optimizer.variables) for optimizer in self.optimizers),
        )
        named: dict[str, keras.Variable] = {}
        seen: set[int] = set()
        for group, variables in groups:
            for variable in variables:
                if id(variable) not in seen:
                    seen.add(id(variable))
                    named[f"{group}-{len(named)}"] = variable
        return named

    def _adapt_steps(self, num_steps: int, seconds: float) -> None:
        """Choose the steps of the next call; this leaves every bit of the result alone."""
        if num_steps == self._steps_a_call:
            if seconds < _SECONDS_A_CALL / 2:
                self._steps_a_call = min(2 * self._steps_a_call, _MAX_STEPS_A_CALL)
            elif seconds > 2 * _SECONDS_A_CALL:
                self._steps_a_call = max(self._steps_a_call // 2, 1)

    def _check_finite(self, loss: float, num_steps: int) -> None:
        if not math.isfinite(loss):
            last = self.position.global_step
            raise self._diverged(
                f"the loss became {loss} between step {last - num_steps + 1} and step {last}"
            )

    def _check_exploded(self, loss: float) -> None:
        """Stop where the mean of an epoch says it: the same at every number of steps a call."""
        position = self.position
        began = max([position.first_loss, *(row["loss"] for row in position.history[:1])])
        if loss > _EXPLODED * max(began, 1 / _EXPLODED):
            raise self._diverged(
                f"the loss exploded: it began at {began:.3g} and is {loss:.3g} as the mean of the "
                f"epoch that ended at step {position.global_step}"
            )

    def _diverged(self, what: str) -> DivergedError:
        rate = float(tf.convert_to_tensor(self.core.optimizer.learning_rate))
        peak = max(rate, *(row["learning_rate"] for row in self.position.history), 0.0)
        return DivergedError(
            f"{what} (epoch {self.position.epoch + 1}), at learning rate {rate:.3g}.",
            "The likely cause is a learning rate that is too high. Try "
            f"training.learning_rate={peak / 10:.1g}, or training.gradient_clip_norm=1; "
            "dlcli find-lr looks for a rate.",
        )


def train_calls(core: keras.Model, compiled: bool) -> Callable[[Any, tf.Tensor], None]:
    """What takes train steps: (iterator of batches, how many steps) -> None.

    Args:
        core: compiled in Keras's sense.
        compiled: whether XLA compiles each step.
    """
    return _many_steps(Replicas().train_step(core, compiled))


def _check_fit(variables: dict[str, keras.Variable], arrays: dict[str, np.ndarray]) -> None:
    """Refuse arrays that were saved from another network or optimizer."""
    hint = "Undo the change, or train the changed recipe from its start."
    found = {name: array for name, array in arrays.items() if not name.startswith("best-")}
    if list(found) != list(variables):
        raise UsageError(
            f"the checkpoint does not fit the network and its optimizer: it holds {len(found)} "
            f"arrays; {len(variables)} are expected.",
            hint,
        )
    for name, variable in variables.items():
        shape, now = found[name].shape, tuple(variable.shape)
        if variable.synchronization == "on_read":  # a metric: perhaps one value a replica
            shape = shape[len(shape) - len(now) :]
        if shape != now:
            raise UsageError(
                f"the checkpoint does not fit the network: {variable.path} has the shape "
                f"{shape} in it; {now} is expected.",
                hint,
            )


def _many_steps(step: Callable[[Any], Any]) -> Callable[[Any, tf.Tensor], None]:
    @tf.function(reduce_retracing=True)
    def call(batches: Any, num_steps: tf.Tensor) -> None:
        for _ in tf.range(num_steps):
            step(next(batches))

    return call
