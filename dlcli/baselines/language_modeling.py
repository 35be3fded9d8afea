"""Of running text: how often each character comes, and what follows the last four."""

from __future__ import annotations

import numpy as np

from dlcli.baselines import Numbers, Predictions, ngram
from dlcli.data import DataSet
from dlcli.outputs import Output
from dlcli.recipe.sections.language_modeling import Preprocessing

NUM_CONTEXTS = 4


def answers(
    dataset: DataSet, options: Preprocessing, output: Output, numbers: Numbers
) -> Predictions:
    """See `dlcli.baselines.answers`; what they give is what `dlcli.evaluation.next_token` keeps.

    Both see what the network sees: of the text before the beginning of a window, nothing.
    """
    train, test = dataset.splits.train.inputs, dataset.splits.test.inputs
    end_of_train = train.starts[-1] + train.length + train.slack + 1
    begin, end = test.starts[0], test.starts[-1] + test.length + 1
    every_step = len(dataset.splits.test.targets.shape) == 2
    offsets = np.arange(1, test.length + 1) if every_step else np.array([test.length])
    places = test.starts[:, None] + offsets - begin  # of the targets, in the test part

    chosen = np.zeros((*places.shape, 2))
    orders = ngram.answers(
        train.ids[train.starts[0] : end_of_train],
        test.ids[begin:end],
        len(dataset.spec.class_names),
        min(NUM_CONTEXTS, test.length),
    )
    for num_contexts, found in enumerate(orders):
        reached = offsets >= num_contexts  # as many characters of the window stand before it
        chosen[:, reached] = found[places[:, reached]]
        if num_contexts == 0:
            yield "character frequencies", chosen.copy() if every_step else chosen[:, 0].copy()
    name = f"{num_contexts + 1}-gram model"
    yield name, chosen if every_step else chosen[:, 0]
