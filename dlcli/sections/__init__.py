"""The sections of a recipe: one file for each kind of data, and one for training.

A kind's file has the classes `Data` and `Preprocessing`, and `Augmentation`
where there is one. This file says which kind a task works on.
"""

from __future__ import annotations

from dlcli.sections import image
from dlcli.sections.section import Section
from dlcli.sections.training import Training

__all__ = ["TASKS", "Section", "Training", "kind_of"]

# task -> the module of its kind of data
TASKS = {"image-classification": image}


def kind_of(task: str) -> str:
    """The kind of data that a task works on, such as "image"."""
    return TASKS[task].__name__.rpartition(".")[2]
