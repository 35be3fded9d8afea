"""Where the time of a training goes, and a trace of a few of its steps for TensorBoard."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import tensorflow as tf

from dlcli.events import Events, Warned

_TRACED = range(5, 10)  # steps, counted from 0: the first ones build graphs and fill buffers

BUILDING = "building the graphs"
INPUT = "the input pipeline"
STEP = "train steps"
STATISTICS = "batch normalisation"
VALIDATION = "validation"
CHECKPOINTS = "checkpoints"
LOGGING = "history, TensorBoard, screen"
FINISHING = "saving and evaluating the best"
_PARTS = (BUILDING, INPUT, STEP, STATISTICS, VALIDATION, CHECKPOINTS, LOGGING, FINISHING)

Arguments = ParamSpec("Arguments")
Value = TypeVar("Value")


class Profile:
    """Measures a training while it runs, without changing a bit of its result.

    Steps are taken one by one, each waited for, so that the time in which they wait for their
    batch can be told from the time that they compute: a profiled training is somewhat slower.
    What the input pipeline does while a step computes costs nothing, and is not counted.
    """

    def __init__(self, events: Events) -> None:
        self.folder: Path | None = None  # where a trace is written to, when there is to be one
        self._events = events
        self._seconds = dict.fromkeys(_PARTS, 0.0)
        self._steps = 0
        self._tracing = False
        self._started = time.monotonic()

    def start(self, folder: Path) -> None:
        """Begin to count; the trace goes into `plugins/profile` of a folder."""
        self.folder = folder
        self._started = time.monotonic()

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Count the time spent inside."""
        started = time.monotonic()
        try:
            yield
        finally:
            self._seconds[name] += time.monotonic() - started

    def measured(
        self, name: str, function: Callable[Arguments, Value]
    ) -> Callable[Arguments, Value]:
        """A function whose time is counted."""

        def call(*arguments: Arguments.args, **keywords: Arguments.kwargs) -> Value:
            with self.part(name):
                return function(*arguments, **keywords)

        return call

    def computed(self, name: str, function: Any) -> Callable[..., None]:
        """A `tf.function` whose time is counted, apart from that in which its graph is built."""

        def call(*arguments: Any) -> None:
            started, graphs = time.monotonic(), function.experimental_get_tracing_count()
            function(*arguments)
            tf.test.experimental.sync_devices()  # an accelerator works on after the call
            built = function.experimental_get_tracing_count() > graphs
            self._seconds[BUILDING if built else name] += time.monotonic() - started

        return call

    def train_calls(self, step: Callable[[Any], Any]) -> Callable[[Any, tf.Tensor], None]:
        """Take steps one by one.

        Args:
            step: a batch to whatever it returns, which is left.

        Returns:
            (iterator of batches, how many steps) -> None.
        """

        @tf.function(reduce_retracing=True)
        def one(batch: Any) -> None:
            step(batch)

        compute = self.computed(STEP, one)
        fetch: Callable[[Any], Any] = self.measured(INPUT, next)

        def call(batches: Any, num_steps: tf.Tensor) -> None:
            for _ in range(int(num_steps)):
                self._trace()
                with tf.profiler.experimental.Trace("train", step_num=self._steps, _r=1):
                    compute(fetch(batches))
                self._steps += 1

        return call

    def document(self) -> dict[str, Any]:
        """What was measured; ends the trace.

        Returns:
            `seconds` since `start`, `steps` taken, and the `parts` in seconds with "the rest".
        """
        self._end_trace()
        seconds = time.monotonic() - self._started
        rest = max(seconds - sum(self._seconds.values()), 0.0)
        parts = {**self._seconds, "the rest": rest}
        return {
            "seconds": round(seconds, 3),
            "steps": self._steps,
            "parts": {name: round(value, 3) for name, value in parts.items()},
        }

    def _trace(self) -> None:
        """Begin or end the trace, before a step."""
        if self._steps >= _TRACED.stop:
            self._end_trace()
        if self.folder and self._steps == _TRACED.start:
            try:
                tf.profiler.experimental.start(str(self.folder))
                self._tracing = True
            except (OSError, tf.errors.OpError) as error:
                self._give_up(error)

    def _end_trace(self) -> None:
        if not self._tracing:
            return
        self._tracing = False
        try:
            with self.part(LOGGING):
                tf.profiler.experimental.stop()
        except (OSError, tf.errors.OpError) as error:
            self._give_up(error)

    def _give_up(self, error: Exception) -> None:
        reason = str(error).splitlines()[0]
        message = f"the trace of the steps cannot be written ({reason}); training goes on."
        self._events(Warned(message))
