"""Measuring the settings of a training that change its bits: precision, compilation, threads.

Each setting is measured in a process of its own, since threads are chosen once in a process, and
what one leaves in memory would slow the next one down.
"""

from __future__ import annotations

import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tensorflow as tf

from dlcli import files
from dlcli.devices import local
from dlcli.errors import DlcliError
from dlcli.events import Event, Events
from dlcli.recipe import schema
from dlcli.recipe.schema import Recipe
from dlcli.training import loop, run, tuned

_WINDOWS = 3  # whose median counts
_GAIN = 1.05  # less than that over the setting before is chance


@dataclass(frozen=True)
class Measured(Event):
    """One setting.

    Args:
        settings: keys of `training`.
        examples_per_second: 0 where it failed.
        failure: why, or "".
    """

    settings: dict[str, Any]
    examples_per_second: float
    failure: str = ""


def measure(recipe: Recipe, seconds: float, events: Events) -> tuple[float, dict[str, Any]]:
    """Take steps of a recipe for a while.

    Args:
        recipe: what to train; nothing of it is kept.
        seconds: how long, after the graph is built.
        events: told of what goes before.

    Returns:
        Examples a second, the median of three windows, and the work that they belong to, with
        the precision that was used.
    """
    prepared = run.prepare(recipe, events)
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
    work = tuned.work(prepared.recipe, prepared.dataset.spec)
    return speed, work | {"precision": prepared.recipe.training.precision}


def tune(
    recipe: Recipe,
    recipe_name: str,
    seconds: float,
    events: Events,
) -> tuple[list[Measured], Measured, Path]:
    """Measure one setting after another, each beside the best of those before.

    Args:
        recipe: what to measure.
        recipe_name: names its file.
        seconds: of steps, for each setting.
        events: told of each setting.

    Returns:
        All settings in their order, the chosen one, and where it is kept.

    Raises:
        DlcliError: the recipe cannot be trained at all, or the choice cannot be kept.
    """
    num_cores = local.num_processors()
    threads = sorted({1, num_cores // 2} - {0, num_cores})
    with tempfile.TemporaryDirectory(prefix="dlcli-autotune-") as folder:
        path = Path(folder, f"{recipe_name}.yaml")
        files.write_text(path, schema.dump(recipe))
        best, document = _measured(
            path, {"precision": "float32", "compile": "none", "intra_op_threads": None}, seconds
        )
        if best.failure:
            raise DlcliError(best.failure)
        events(best)
        found = [best]
        work = document["work"]
        precisions = ["mixed_bfloat16"]
        if not work["device"].startswith("CPU"):
            precisions.append("mixed_float16")
        changes: list[dict[str, Any]] = [
            *({"precision": precision} for precision in precisions),
            {"compile": "xla"},
            *({"intra_op_threads": number} for number in threads),
        ]
        for change in changes:
            measured, _ = _measured(path, best.settings | change, seconds)
            events(measured)
            found.append(measured)
            if measured.examples_per_second > _GAIN * best.examples_per_second:
                best = measured
    return found, best, tuned.write(work, best.settings)


def _measured(
    path: Path, settings: dict[str, Any], seconds: float
) -> tuple[Measured, dict[str, Any]]:
    overrides = [f"training.{key}={json.dumps(value)}" for key, value in settings.items()]
    command = [sys.executable, "-m", "dlcli", "autotune", str(path), *overrides]
    done = subprocess.run(
        [*command, "--once", "--seconds", str(seconds), "--json"],
        check=False,
        # Temporary files of a process that is killed go with the folder of this one.
        env={**os.environ, "TMPDIR": str(path.parent)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    try:
        document = json.loads(done.stdout)
    except ValueError:
        document = {"error": {"message": f"the process ended with exit code {done.returncode}."}}
    if "error" in document:
        return Measured(settings, 0.0, document["error"]["message"]), document
    if document["precision"] != settings["precision"]:
        failure = "it was not exact enough on a batch; see dlcli train"
        return Measured(settings, 0.0, failure), document
    return Measured(settings, document["examples_per_second"]), document
