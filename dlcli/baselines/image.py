"""Of images: the majority class."""

from __future__ import annotations

from dlcli.baselines import Numbers, Predictions, constant
from dlcli.data import DataSet
from dlcli.outputs import Output
from dlcli.recipe.sections.image import Preprocessing


def answers(
    dataset: DataSet, options: Preprocessing, output: Output, numbers: Numbers
) -> Predictions:
    """See `dlcli.baselines.answers`."""
    yield constant.model(dataset, output)
