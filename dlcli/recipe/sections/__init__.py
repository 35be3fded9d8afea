"""The sections of a recipe: one file for each kind of data, and one for training.

A kind's file has the classes `Data` and `Preprocessing`, and those of `OPTIONAL` that
make sense for it; `UNIT`, what its examples are called; and `EXAMPLE`, a shipped
recipe. This file says what a task is: a kind of data that goes in and a kind of answer
that comes out. Whatever depends on one of them is one file of that name in its package:
`dlcli.preprocessing.table`, `dlcli.evaluation.regression`.
"""

from __future__ import annotations

from typing import Any

from dlcli.recipe.sections import corpus, image, pictures, sequence, series, table, text
from dlcli.recipe.sections.section import Section
from dlcli.recipe.sections.training import Training

__all__ = [
    "OPTIONAL",
    "TASKS",
    "Section",
    "Training",
    "answer_of",
    "example_of",
    "kind_of",
    "module_of",
    "unit_of",
]

# Sections that only some kinds of data have: the section -> its class in the kind's file.
OPTIONAL = {"augmentation": "Augmentation", "embedding": "Embedding"}

# task -> the module of its kind of data, and the kind of its answer
TASKS = {
    "image-classification": (image, "classification"),
    "image-generation": (pictures, "image_generation"),
    "table-classification": (table, "classification"),
    "table-regression": (table, "regression"),
    "series-forecasting": (series, "forecasting"),
    "sequence-classification": (sequence, "classification"),
    "text-classification": (text, "classification"),
    "text-generation": (corpus, "next_token"),
}


def module_of(task: str) -> Any:
    """The module of the sections of a task's kind of data."""
    return TASKS[task][0]


def kind_of(task: str) -> str:
    """The kind of data that a task works on, such as "image"."""
    name: str = module_of(task).__name__
    return name.rpartition(".")[2]


def answer_of(task: str) -> str:
    """The kind of a task's answer, such as "classification"."""
    return TASKS[task][1]


def unit_of(task: str) -> str:
    """What a task's examples are called, such as "images"."""
    unit: str = module_of(task).UNIT
    return unit


def example_of(task: str) -> str:
    """The name of a shipped recipe that works on a task's kind of data."""
    name: str = module_of(task).EXAMPLE
    return name
