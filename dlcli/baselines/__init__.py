"""Baselines: the simple models that every task is measured against.

What simple models, fitted on the train split alone, predict for the test split, in the form of the
network's predictions. One file for each kind of data, and one for each output of a single example;
see `dlcli.baselines.protocols`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from dlcli import kinds
from dlcli.baselines import protocols
from dlcli.data import DataSet, Split
from dlcli.recipe.schema import Recipe

Numbers = Callable[[Split], Split | None]
"""A split as the network takes it; None where that is too large for memory."""

Predictions = Iterator[tuple[str, np.ndarray]]
"""The name of each model, and its predictions for the whole test split in its order."""


def answers(recipe: Recipe, dataset: DataSet, numbers: Numbers) -> Predictions:
    """Answers of the simple models of the recipe's kind of data, the simplest first.

    Args:
        dataset: raw examples.
    """
    module: protocols.Baselines = kinds.module("baselines", kinds.for_task(recipe.task))
    output = kinds.output_of(recipe.task)
    yield from module.answers(dataset, recipe.preprocessing, output, numbers)
