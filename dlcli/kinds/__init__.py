"""Kinds of data, one file each, and the tasks on them.

A task, such as "image-classification", is a kind of data and a type of output. Nothing here
imports NumPy or anything heavier, nor the sections of a recipe, which import pydantic.
"""

from __future__ import annotations

import functools
import importlib
from typing import Any

from dlcli import catalog
from dlcli.kinds.kind import Kind
from dlcli.outputs import Output

__all__ = [
    "Kind",
    "all_kinds",
    "for_task",
    "module",
    "other_task",
    "output_of",
    "tasks",
]


@functools.cache
def all_kinds() -> dict[str, Kind]:
    """Every kind by its name, from the files of this folder."""
    names = [name for name in catalog.module_names("kinds") if name != "kind"]
    return {name: importlib.import_module(f"dlcli.kinds.{name}").KIND for name in names}


@functools.cache
def tasks() -> dict[str, tuple[Kind, Output]]:
    """Every task by its name, sorted: the kind of its data and its output."""
    found = {
        task: (kind, output) for kind in all_kinds().values() for task, output in kind.tasks.items()
    }
    return dict(sorted(found.items()))


def for_task(task: str) -> Kind:
    """The kind of data that a task works on."""
    return tasks()[task][0]


def output_of(task: str) -> Output:
    """The type of output of a task."""
    return tasks()[task][1]


def other_task(task: str) -> str:
    """The task of the kind that predicts numbers in place of classes, or the reverse; or ""."""
    kind, output = tasks()[task]
    others = (name for name, other in kind.tasks.items() if other.has_classes != output.has_classes)
    return next(others, "")


def module(layer: str, kind: Kind) -> Any:
    """The module of a layer that is made for a kind, such as `dlcli.preprocessing.table`.

    Args:
        layer: a package, such as "preprocessing"; its Protocol is in its file `protocols.py`.
    """
    return importlib.import_module(f"dlcli.{layer}.{kind.name}")
