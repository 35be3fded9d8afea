"""Of tables: the majority class or the mean, and a linear model of the same features."""

from __future__ import annotations

from dlcli.baselines import Numbers, Predictions, constant, linear
from dlcli.data import DataSet
from dlcli.outputs import Output
from dlcli.recipe.sections.table import Preprocessing


def answers(
    dataset: DataSet, options: Preprocessing, output: Output, numbers: Numbers
) -> Predictions:
    """See `dlcli.baselines.answers`."""
    yield constant.model(dataset, output)
    train, test = numbers(dataset.splits.train), numbers(dataset.splits.test)
    if train is not None and test is not None:
        num_classes = len(dataset.spec.class_names)
        yield linear.model(train.inputs, train.targets, test.inputs, num_classes, output)
