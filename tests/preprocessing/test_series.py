"""Windows come to the network as standard scores, whatever their units are."""

import numpy as np
import polars as pl
import pytest

from dlcli import preprocessing
from dlcli.data import series
from dlcli.recipe import schema

WAVE = np.sin(np.arange(120) / 3)


@pytest.mark.parametrize("scale", [1e-38, 1e-30, 1e-9, 1e-7, 1, 1e12, 1e25, 1e30])
def test_numbers_of_any_size_become_standard_scores(scale):
    loaded = schema.load("series-linear", ["preprocessing.steps=8", "preprocessing.horizon=2"])
    dataset = series.dataset(
        pl.DataFrame({"x": WAVE * scale}), "made", loaded.data, loaded.preprocessing
    )
    preprocessor = preprocessing.adapt(loaded, dataset.splits.train, dataset.spec)
    numbers = preprocessing.numbers(loaded, dataset.splits.train, preprocessor)
    mean, std = WAVE[:86].mean(), WAVE[:86].std()
    expected = (WAVE[:8] - mean) / std
    assert numbers.inputs[0, :, 0] == pytest.approx(expected, abs=1e-5)
