"""The speed of a recipe's steps on this machine."""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from dlcli.events import Events, ignore
from dlcli.recipe import schema
from dlcli.recipe.schema import Recipe
from dlcli.training import loop, tuned
from dlcli.training import run as training

_WINDOWS = 3  # whose median counts


def measure(recipe: Recipe, seconds: float, events: Events) -> tuple[float, dict[str, Any]]:
    """Take steps of a recipe for a while.

    Args:
        recipe: what to train; nothing of it is kept.
        seconds: how long, after the graph is built.

    Returns:
        Examples a second, the median of three windows, and the work that they belong to, with
        the precision that was used.
    """
    prepared = training.prepare(recipe, events)
    call = loop.train_calls(prepared.loop.core, compiled=recipe.training.compile == "xla")
    batch_size = recipe.training.batch_size
    # The last batch of an epoch may be short, which is another graph: it is left out.
    full = max(prepared.loop.steps_per_epoch - 1, 1)
    epochs, batches, left = itertools.count(), iter(()), 0

    def take(num_steps: int) -> int:
        nonlocal batches, left
        if left == 0:
            batches, left = iter(prepared.train_batches(next(epochs), 0)), full
        taken = min(num_steps, left)
        call(batches, tf.constant(taken))
        tf.test.experimental.sync_devices()
        left -= taken
        return taken

    take(1)  # builds the graph
    num_steps, speeds = 1, []
    for _ in range(_WINDOWS):
        done, started = 0, time.monotonic()
        while done == 0 or time.monotonic() - started < seconds / _WINDOWS:
            done += take(num_steps)
            num_steps = min(2 * num_steps, 64)
        speeds.append(done * batch_size / (time.monotonic() - started))
    speed = statistics.median(speeds)
    resolved = prepared.recipe
    work = tuned.work(resolved.task, resolved.model, batch_size, prepared.dataset.spec)
    return speed, work | {"precision": resolved.training.precision}


def run(job: dict[str, Any], tell: Callable[[dict[str, Any]], None]) -> None:
    """Measure in a process of its own; see `dlcli.child.run`.

    Args:
        job: `recipe`, its values, and `seconds`.
        tell: told `examples_per_second`, `precision` and `work`.
    """
    recipe = schema.from_values(job["recipe"], "the recipe")
    speed, work = measure(recipe, job["seconds"], ignore)
    tell({"examples_per_second": speed, "precision": work.pop("precision"), "work": work})
