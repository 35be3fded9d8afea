"""Numbers that float32 does not hold come to the model with their digits, and come back."""

import math

import numpy as np
import pytest

from dlcli.inputs import affine
from dlcli.inputs.affine import Affine, Affines

SHARES = np.random.default_rng(0).random(500)
NAN = math.nan


@pytest.mark.parametrize(
    "values",
    [
        1e9 + 10 * SHARES,
        -1e9 + 10 * SHARES,
        1_704_067_200 + np.floor(600 * SHARES),  # seconds of ten minutes
        5_400_000 + 100 * SHARES,  # UTM northing, a field
        1e-40 * SHARES,  # TensorFlow takes these for 0
        1e-200 * SHARES,  # whose squares are 0 in float64, too
    ],
)
def test_columns_that_float32_does_not_hold_get_an_offset_and_a_scale(values):
    found = affine.fitted("a", "a", np.append(values, NAN))
    assert found is not None
    assert found.offset == pytest.approx(values.mean(), rel=1e-12)
    numbers = found.to_model(values)
    assert numbers.dtype == np.float32
    assert abs(numbers.mean()) < 1e-5
    assert numbers.std() == pytest.approx(1, abs=1e-5)
    back = found.to_units(numbers)
    assert back.dtype == np.float64
    assert np.abs(back - values).max() < 1e-6 * found.scale + 1e-15 * np.abs(values).max()


@pytest.mark.parametrize(
    "values",
    [
        SHARES,
        1000 + SHARES,
        1950 + np.floor(70 * SHARES),  # years
        np.floor(1e8 * SHARES),
        1e9 * (SHARES - 0.5),
        1e-9 * SHARES,
        1e25 * SHARES,
        1e30 * SHARES,
        np.append(SHARES, 1e9),  # one outlier takes nothing from the others
        np.full(500, 5.0),
        np.full(500, 0.1),
        np.full(500, 1e9),
        np.array([0.3, 0.1 + 0.2] * 250),  # equal but for a rounding error
        np.full(500, NAN),
    ],
)
def test_all_other_columns_stay_as_they_are(values):
    assert affine.fitted("a", "a", values) is None


def test_a_constant_that_float32_rounds_keeps_its_digits():
    found = affine.fitted("a", "a", np.full(9, 1_000_000_001.0))
    assert (found.offset, found.scale) == (1_000_000_001.0, 1.0)


def test_a_table_and_channels_as_the_model_takes_them():
    time, ordinary = np.array([1e9, 1e9 + 2, NAN]), np.array([0.1, 0.2, NAN])
    affines = Affines((Affine("time", "time", 1e9, 2.0),))
    given = {"time": time, "x": ordinary, "town": np.array(["Ulm", "", "Bonn"], object)}
    found = affines.examples(given)
    assert found["time"].tolist()[:2] == [0, 1]
    assert math.isnan(found["time"][2])
    assert np.array_equal(found["x"], ordinary.astype(np.float32), equal_nan=True)
    assert {values.dtype.str for key, values in found.items() if key != "town"} == {"<f4"}
    assert found["town"] is given["town"]
    assert affines.stored(given)["time"].dtype == np.float64
    assert affines.stored(given)["x"].dtype == np.float32

    windows = np.stack([ordinary, time], axis=1)[None]  # (1, 3, 2)
    before = windows.copy()
    channels = Affines((Affine("time", 1, 1e9, 2.0),)).examples(windows)
    assert np.array_equal(channels[0, :, 0], ordinary.astype(np.float32), equal_nan=True)
    assert channels[0, :2, 1].tolist() == [0, 1]
    assert np.array_equal(windows, before, equal_nan=True)


def test_targets_and_answers():
    affines = Affines(outputs=(Affine("y", 0, 1e9, 10.0),))
    truth = np.array([1e9 + 3, 1e9 - 7])
    numbers = affines.targets(truth)
    assert numbers.tolist() == pytest.approx([0.3, -0.7])
    answers = affines.answers(numbers[:, None])
    assert answers.dtype == np.float64
    assert answers[:, 0] == pytest.approx(truth, abs=1e-5)
    forecasts = np.array([[[1e9 + 10, 0.5]], [[NAN, 0.25]]])  # the second target has none
    found = affines.targets(forecasts)
    assert found[0, 0].tolist() == [1, 0.5]
    assert math.isnan(found[1, 0, 0])
    assert affines.answers(found)[0, 0].tolist() == [1e9 + 10, 0.5]


def test_without_any_all_is_as_in_dlcli_0_1():
    none = affine.from_metadata({"task": "table-regression"})
    assert not none
    answers = np.ones((2, 1), np.float32)
    assert none.answers(answers) is answers
    pictures = np.ones((2, 4, 4, 1), np.uint8)
    assert none.examples(pictures) is pictures
    assert none.examples(np.ones((2, 3))).dtype == np.float32
    assert none.sentence() == ""


def test_metadata_keeps_them():
    affines = Affines((Affine("time", "time", 1e9, 2.0),), (Affine("y", 0, 1e-40, 1e-41),))
    assert affine.from_metadata({"affine": affines.document()}) == affines


def test_they_are_named_once_in_one_line():
    column = Affine("load", 0, 1e9, 1.0)
    assert Affines((column,), (column,)).sentence() == (
        "float32 cannot tell the values of the column 'load' apart: it is shifted and scaled in "
        "float64, before the model and back after it."
    )


def test_what_is_far_off_stays_finite():
    found = Affine("a", "a", 0.0, 1e-30).to_model(np.array([1e30, -1e30]))
    assert np.isfinite(found).all()


@pytest.mark.parametrize(
    ("values", "std"),
    [
        (np.full(500, 0.1), 1.0),  # numpy's own is 1.4e-17
        (np.array([1e-9, 3e-9], np.float32), 1e-9),
        (np.array([1e25, 3e25], np.float32), 1e25),
    ],
)
def test_the_spread_of_a_column(values, std):
    assert affine.mean_and_std(values)[1] == pytest.approx(std)
