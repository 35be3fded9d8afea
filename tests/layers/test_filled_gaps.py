"""Gaps are filled from their own series alone."""

import keras
import numpy as np
import pytest

from dlcli.layers.filled_gaps import FilledGaps

NAN = np.nan


def fill(*values, method="interpolate", **keywords):
    layer = FilledGaps(method, [9.0], **keywords)
    return np.array(layer(np.array(values, np.float32).reshape(1, -1, 1)))[0, :, 0].tolist()


@pytest.mark.parametrize(
    ("method", "values", "expected"),
    [
        ("interpolate", [1, NAN, NAN, 4, NAN], [1, 2, 3, 4, 4]),
        ("interpolate", [NAN, 2, NAN, 3], [2, 2, 2.5, 3]),
        ("forward", [1, NAN, NAN, 4, NAN], [1, 1, 1, 4, 4]),
        ("forward", [NAN, 2, NAN, 3], [2, 2, 2, 3]),
        ("interpolate", [NAN, NAN], [9, 9]),
        ("forward", [5], [5]),
    ],
)
def test_a_gap_follows_from_what_stands_around_it(method, values, expected):
    assert fill(*values, method=method) == expected


def test_a_long_gap_agrees_with_numpy():
    random = np.random.default_rng(0)
    x = random.normal(size=(5, 100, 3)).astype(np.float32)
    x[random.random(x.shape) < 0.7] = NAN
    filled = np.array(FilledGaps("interpolate", [0.0, 0.0, 0.0])(x))
    steps = np.arange(100)
    for series, row in zip(x, filled, strict=True):
        for channel in range(3):
            known = ~np.isnan(series[:, channel])
            expected = np.interp(steps, steps[known], series[known, channel])
            assert np.allclose(row[:, channel], expected, atol=1e-5)


def test_the_end_of_a_shorter_series_stays_its_end():
    x = np.array([[[1, 1], [NAN, NAN], [3, NAN], [NAN, NAN]]], np.float32)
    filled = np.array(FilledGaps("interpolate", [0.0, 0.0], keep_end=True)(x))
    assert np.array_equal(filled[0], [[1, 1], [2, 1], [3, 1], [NAN, NAN]], equal_nan=True)


def test_the_indicator_says_where_it_was():
    layer = FilledGaps("forward", [0.0], indicator=True)
    assert np.array(layer(np.array([[[1], [NAN]]], np.float32)))[0].tolist() == [[1, 0], [1, 1]]
    assert layer.compute_output_shape((None, 2, 1)) == (None, 2, 2)
    again = FilledGaps.from_config(layer.get_config())
    assert again.get_config() == layer.get_config()


def test_a_saved_layer_is_the_same(tmp_path):
    inputs = keras.Input((6, 1))
    model = keras.Model(inputs, FilledGaps("interpolate", [2.0], keep_end=True)(inputs))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    x = np.array([[[1], [NAN], [3], [NAN], [NAN], [NAN]]], np.float32)
    assert np.array_equal(model(x), loaded(x), equal_nan=True)
