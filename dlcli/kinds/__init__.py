"""Kinds of data, one file each, and the tasks on them.

A task, such as "image-classification", is a kind of data and a type of output. Nothing here
imports NumPy or anything heavier, nor the sections of a recipe, which import pydantic.
"""

from __future__ import annotations

import functools
import importlib
from pathlib import Path
from typing import Any

from dlcli.errors import DataError
from dlcli.kinds.kind import Kind
from dlcli.outputs import Output

__all__ = [
    "Kind",
    "all_kinds",
    "for_task",
    "module",
    "other_task",
    "output_of",
    "require_one_class",
    "tasks",
]


@functools.cache
def all_kinds() -> dict[str, Kind]:
    """Every kind by its name, from the files of this folder."""
    names = sorted(
        path.stem
        for path in Path(__file__).parent.glob("*.py")
        if path.stem not in {"__init__", "kind"}
    )
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
    """What a task outputs."""
    return tasks()[task][1]


def other_task(task: str) -> str:
    """The task of the kind that predicts numbers in place of classes, or the reverse; or ""."""
    kind, output = tasks()[task]
    others = (name for name, other in kind.tasks.items() if other.has_classes != output.has_classes)
    return next(others, "")


def require_one_class(task: str, shown: str) -> None:
    """See that a task takes examples with one class each.

    Args:
        task: its name.
        shown: the data, such as a folder of class folders.

    Raises:
        DataError: its examples may have several.
    """
    kind, output = tasks()[task]
    if output.has_several_classes:
        others = [
            name for name, other in kind.tasks.items() if other.has_classes and other is not output
        ]
        raise DataError(
            f"{shown} has one class for each example; with the task {task} an example may have "
            "several.",
            f"Give a table with a column of labels, such as 'red|round' in one cell; or, to "
            f"predict one class: task={others[0]}",
        )


def module(layer: str, kind: Kind) -> Any:
    """The module of a layer that is made for a kind, such as `dlcli.preprocessing.table`.

    Args:
        layer: a package, such as "preprocessing"; its Protocol is in its file `protocols.py`.
    """
    return importlib.import_module(f"dlcli.{layer}.{kind.name}")
