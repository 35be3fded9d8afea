"""Of images: the majority class."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from dlcli.baselines import constant
from dlcli.data import DataSet, Split
from dlcli.outputs import Output
from dlcli.recipe.sections.image import Preprocessing


def answers(
    dataset: DataSet,
    options: Preprocessing,
    output: Output,
    numbers: Callable[[Split], Split | None],
) -> Iterator[tuple[str, np.ndarray]]:
    """See `dlcli.baselines.answers`."""
    yield constant.model(dataset, output)
