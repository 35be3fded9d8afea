"""Features of columns."""

import numpy as np
import pytest

from dlcli.layers.table_features import TableFeatures

NAN = np.nan


def features(column, values, **keywords):
    layer = TableFeatures([column], **keywords)
    found = np.array(layer(np.array(values, np.float32)[:, None]))
    assert layer.compute_output_shape((None, 1)) == (None, found.shape[1])
    return found.tolist()


def test_a_number_is_scaled_and_a_gap_is_the_mean():
    column = {"mean": 1.0, "scale": 2.0, "indicator": False}
    assert features(column, [5, NAN, -9]) == [[2], [0], [-5]]
    assert features(column, [5, NAN, -9], clip=1.5) == [[1.5], [0], [-1.5]]
    marked = {**column, "indicator": True}
    assert features(marked, [5, NAN]) == [[2, 0], [0, 1]]


@pytest.mark.parametrize(
    ("other", "indicator", "of_other", "of_gap"),
    [
        (False, False, [0, 0], [0, 0]),
        (True, False, [0, 0, 1], [0, 0, 0]),
        (False, True, [0, 0, 0], [0, 0, 1]),
        (True, True, [0, 0, 1, 0], [0, 0, 0, 1]),
    ],
)
def test_a_category_is_one_hot(other, indicator, of_other, of_gap):
    column = {"num_categories": 2, "other": other, "indicator": indicator}
    more = [0] * (other + indicator)
    expected = [[1, 0, *more], [0, 1, *more], of_other, of_gap]
    assert features(column, [0, 1, -1, NAN]) == expected


def test_numbers_come_before_their_indicators_and_these_before_categories():
    number = {"mean": 0.0, "scale": 1.0, "indicator": True}
    category = {"num_categories": 2, "other": False, "indicator": False}
    x = np.array([[1, 7, NAN]], np.float32)
    found = TableFeatures([category, number, number])(x)
    assert np.array(found).tolist() == [[7, 0, 0, 1, 0, 1]]
