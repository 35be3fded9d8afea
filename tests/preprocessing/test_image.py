"""Pixels come to the network between 0 and 1, or as standard scores of the train split."""

import numpy as np
import pytest

from dlcli import preprocessing
from dlcli.data import DataSpec, Split
from dlcli.recipe import schema

PIXELS = np.random.default_rng(0).integers(0, 256, (20, 6, 6, 3), np.uint8)
PIXELS[0, 0, 0] = (0, 51, 255)


def adapt(scaling, train_rows=range(20)):
    recipe = schema.load("image-cnn", [f"preprocessing.scaling={scaling}"])
    rows = np.array(train_rows)
    split = Split(PIXELS, np.zeros(len(PIXELS), np.int32), rows, [""] * len(PIXELS))
    return preprocessing.adapt(recipe, split, DataSpec((6, 6, 3), "uint8", ("a", "b"), ""))


def test_unit_scaling_divides_by_255():
    scaled = np.asarray(adapt("unit")(PIXELS))
    assert scaled.dtype == np.float32
    np.testing.assert_allclose(scaled[0, 0, 0], [0, 0.2, 1], rtol=1e-6)
    np.testing.assert_allclose(scaled, PIXELS / 255, rtol=1e-6)


@pytest.mark.parametrize("train_rows", [range(20), range(3, 7)])
def test_standard_scores_are_those_of_each_channel_of_the_train_split(train_rows):
    seen = PIXELS[list(train_rows)].reshape(-1, 3)
    scaled = np.asarray(adapt("standard", train_rows)(PIXELS))
    expected = (PIXELS - seen.mean(axis=0)) / seen.std(axis=0)
    np.testing.assert_allclose(scaled, expected, rtol=1e-4, atol=1e-5)
