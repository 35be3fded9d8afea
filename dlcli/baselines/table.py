"""Of tables: the majority class or the mean, and a linear model of the same features."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from dlcli.baselines import constant, linear
from dlcli.data import DataSet, Split
from dlcli.recipe.schema import Recipe


def answers(
    recipe: Recipe, dataset: DataSet, numbers: Callable[[Split], Split]
) -> Iterator[tuple[str, np.ndarray]]:
    """See `dlcli.baselines.answers`."""
    yield constant.model(dataset)
    train, test = numbers(dataset.splits.train), numbers(dataset.splits.test)
    num_classes = len(dataset.spec.class_names)
    yield (
        "logistic regression" if num_classes else "linear regression",
        linear.answers(train.inputs, train.targets, test.inputs, num_classes),
    )
