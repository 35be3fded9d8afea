"""Measuring the settings of a training that change its bits: precision, compilation, threads.

Each setting is measured in a process of its own, since threads are chosen once in a process, and
what one leaves in memory would slow the next one down.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dlcli import child
from dlcli.devices import local
from dlcli.errors import DlcliError
from dlcli.events import Event, Events
from dlcli.recipe.schema import Recipe
from dlcli.training import tuned

_GAIN = 1.05  # less than that over the setting before is chance


@dataclass(frozen=True)
class Measured(Event):
    """One setting.

    Args:
        settings: keys of `training`.
        examples_per_second: 0 where it failed.
    """

    settings: dict[str, Any]
    examples_per_second: float
    failure: str = ""


def tune(recipe: Recipe, seconds: float, events: Events) -> tuple[list[Measured], Measured, Path]:
    """Measure one setting after another, each beside the best of those before.

    Args:
        seconds: of steps, for each setting.

    Returns:
        All settings in their order, the chosen one, and where it is kept.

    Raises:
        DlcliError: the recipe cannot be trained at all, or the choice cannot be kept.
    """
    num_cores = local.num_processors()
    threads = sorted({1, num_cores // 2} - {0, num_cores})
    best, document = _measured(
        recipe, {"precision": "float32", "compile": "none", "intra_op_threads": None}, seconds
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
        measured, _ = _measured(recipe, best.settings | change, seconds)
        events(measured)
        found.append(measured)
        if measured.examples_per_second > _GAIN * best.examples_per_second:
            best = measured
    return found, best, tuned.write(work, best.settings)


def _measured(
    recipe: Recipe, settings: dict[str, Any], seconds: float
) -> tuple[Measured, dict[str, Any]]:
    values = recipe.model_dump(mode="json")
    job = {"recipe": {**values, "training": values["training"] | settings}, "seconds": seconds}
    try:
        [found] = child.run("dlcli.tuning.speed", job, "the measurement")
    except DlcliError as error:
        return Measured(settings, 0.0, error.message), {}
    if found["precision"] != settings["precision"]:
        failure = "it was not exact enough on a batch; see dlcli train"
        return Measured(settings, 0.0, failure), found
    return Measured(settings, found["examples_per_second"]), found
