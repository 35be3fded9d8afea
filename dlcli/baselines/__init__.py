"""Baselines: the simple models that every task is measured against.

One file a kind of data, with `answers`: what simple models, fitted on the train split
alone, answer to the test split, in the form in which the network answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from dlcli import kinds
from dlcli.data import DataSet, Split
from dlcli.recipe.schema import Recipe


def answers(
    recipe: Recipe, dataset: DataSet, numbers: Callable[[Split], Split]
) -> Iterator[tuple[str, np.ndarray]]:
    """Answers of the simple models of the recipe's kind of data, the simplest first.

    Args:
        recipe: what is trained.
        dataset: raw examples.
        numbers: a split to the same with its examples as the network takes them.

    Yields:
        The name of a model, and its answers to the whole test split in its order.
    """
    module = kinds.module("baselines", kinds.for_task(recipe.task))
    yield from module.answers(recipe, dataset, numbers)
