"""Of pictures: their mean, and normal draws around it."""

from __future__ import annotations

import numpy as np

from dlcli.baselines import Numbers, Predictions
from dlcli.data import DataSet
from dlcli.inputs import noise
from dlcli.outputs import Output
from dlcli.recipe.sections.image_generation import Preprocessing

_MAX_PICTURES = 10_000  # evenly spread; more change mean and components little
_NUM_COMPONENTS = 64


def answers(
    dataset: DataSet, options: Preprocessing, output: Output, numbers: Numbers
) -> Predictions:
    """See `dlcli.baselines.answers`; the pictures are float32, 0 to 255."""
    from sklearn.decomposition import PCA

    train, num_test = dataset.splits.train, len(dataset.splits.test)
    positions = np.linspace(0, len(train) - 1, min(_MAX_PICTURES, len(train))).astype(np.int64)
    seen = train.gather(positions)[1]
    shape = (num_test, *seen.shape[1:])
    flat = seen.reshape(len(seen), -1).astype(np.float32)  # (num_pictures, num_values)
    mean, deviation = flat.mean(axis=0), flat.std(axis=0)
    yield "mean picture", np.broadcast_to(mean.reshape(shape[1:]), shape)

    drawn = noise.normal(num_test, flat.shape[1], seed=1)
    yield "pixel model", np.clip(mean + drawn * deviation, 0, 255).reshape(shape)

    components = min(_NUM_COMPONENTS, *flat.shape)
    fitted = PCA(components, svd_solver="randomized", random_state=0).fit(flat)
    drawn = noise.normal(num_test, components, seed=1) * np.sqrt(fitted.explained_variance_)
    made = fitted.inverse_transform(drawn).astype(np.float32)
    yield "principal component model", np.clip(made, 0, 255).reshape(shape)
