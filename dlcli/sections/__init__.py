"""The sections of a recipe: one file for each kind of data, and one for training.

A kind's file has the classes `Data` and `Preprocessing`, and `Augmentation`
where there is one; `UNIT`, what its examples are called; and `EXAMPLE`, a shipped
recipe. This file says which kind a task works on.
"""

from __future__ import annotations

from dlcli.sections import image, table
from dlcli.sections.section import Section
from dlcli.sections.training import Training

__all__ = ["TASKS", "Section", "Training", "example_of", "kind_of", "unit_of"]

# task -> the module of its kind of data
TASKS = {
    "image-classification": image,
    "table-classification": table,
    "table-regression": table,
}


def kind_of(task: str) -> str:
    """The kind of data that a task works on, such as "image"."""
    return TASKS[task].__name__.rpartition(".")[2]


def unit_of(task: str) -> str:
    """What a task's examples are called, such as "images"."""
    unit: str = vars(TASKS[task])["UNIT"]
    return unit


def example_of(task: str) -> str:
    """The name of a shipped recipe that works on a task's kind of data."""
    name: str = vars(TASKS[task])["EXAMPLE"]
    return name
