"""Of whole series: the majority class, the nearest neighbour, and logistic regression."""

from __future__ import annotations

import numpy as np

from dlcli import outputs
from dlcli.baselines import Numbers, Predictions, constant, linear, protocols
from dlcli.data import DataSet, Split
from dlcli.outputs import Output
from dlcli.recipe.sections.sequence import Preprocessing

_MAX_PAIRS = 2**24  # distances held at a time
_MAX_NEIGHBOURS = 20_000


def answers(
    dataset: DataSet, options: Preprocessing, output: Output, numbers: Numbers
) -> Predictions:
    """See `dlcli.baselines.answers`."""
    yield constant.model(dataset, output)
    models: protocols.SimpleModels = outputs.module("baselines", output)
    num_classes = len(dataset.spec.class_names)
    train, test = dataset.splits.train, dataset.splits.test
    every = np.linspace(0, len(train) - 1, min(_MAX_NEIGHBOURS, len(train))).astype(int)
    known, _ = train.gather_for_model(every)
    nearest = np.concatenate(
        [
            _nearest(known, test.gather_for_model(places)[0])
            for places in np.array_split(
                np.arange(len(test)), 1 + len(every) * len(test) // _MAX_PAIRS
            )
        ]
    )
    yield (
        "nearest neighbour",
        models.certain(train.targets[train.rows[every]], num_classes)[nearest],
    )
    seen, unseen = numbers(train), numbers(test)
    if seen is not None and unseen is not None:
        yield linear.model(_flat(seen), seen.targets[seen.rows], _flat(unseen), num_classes, output)


def _nearest(known: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """The nearest of the known series to each that is asked for, int64 (num_asked,).

    The distance is Euclid's, of values as the model takes them; of the steps that both series
    have, as a mean.
    """
    flat, other = (series.reshape(len(series), -1).astype(np.float64) for series in (known, asked))
    # A common offset changes no distance, and spares digits.
    center = np.nan_to_num(np.nanmean(flat)) if not np.isnan(flat).all() else 0.0
    weights, other_weights = ~np.isnan(flat) * 1.0, ~np.isnan(other) * 1.0
    flat, other = np.nan_to_num(flat - center), np.nan_to_num(other - center)
    squares = (
        np.square(other) @ weights.T
        + other_weights @ np.square(flat).T
        - 2 * other @ flat.T
    )  # fmt: skip
    shared = other_weights @ weights.T
    distances = np.where(shared > 0, squares / np.maximum(shared, 1), np.inf)
    nearest: np.ndarray = distances.argmin(axis=1)
    return nearest


def _flat(split: Split) -> np.ndarray:
    """Float32 (num_series, steps * channels), 0 after the end, which is the mean."""
    values: np.ndarray = np.nan_to_num(split.inputs[split.rows])
    return values.reshape(len(split), -1)
