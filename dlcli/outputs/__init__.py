"""Types of model output and the metrics they are judged by, one file each.

Nothing here imports NumPy or anything heavier.
"""

from __future__ import annotations

import functools
import importlib
from typing import Any

from dlcli import catalog
from dlcli.outputs.output import LOSS, Metric, Output

__all__ = ["LOSS", "Metric", "Output", "all_outputs", "metric", "module", "of_features"]


@functools.cache
def all_outputs() -> dict[str, Output]:
    """Every output by its name, from the files of this folder."""
    names = [name for name in catalog.module_names("outputs") if name != "output"]
    return {name: importlib.import_module(f"dlcli.outputs.{name}").OUTPUT for name in names}


def of_features() -> tuple[str, ...]:
    """Names of the outputs that any family can have which ends in features (batch, features)."""
    return tuple(name for name, output in all_outputs().items() if output.takes_features)


def module(layer: str, output: Output) -> Any:
    """The module of a layer that is made for an output, such as `dlcli.tasks.regression`.

    Args:
        layer: a package, such as "tasks"; its Protocol is in its file `protocols.py`.
        output: the output.
    """
    return importlib.import_module(f"dlcli.{layer}.{output.name}")


def metric(name: str) -> Metric:
    """The metric of a name, as the outputs declare it.

    A figure that no output declares, such as one of a recipe's own, is like a loss: lower is
    better.
    """
    return _metrics().get(name) or Metric(name)


@functools.cache
def _metrics() -> dict[str, Metric]:
    return {each.name: each for output in all_outputs().values() for each in output.metrics}
