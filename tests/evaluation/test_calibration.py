"""Confidence is held against how often it was right."""

import numpy as np
import pytest

from dlcli.evaluation import calibration


def test_the_expected_error_is_the_mean_distance_of_the_bins():
    confidence = np.array([1.0, 1.0, 0.61, 0.69, 0.0])
    correct = np.array([True, False, True, True, False])
    bins = calibration.bins(confidence, correct)
    assert [each.examples for each in bins] == [1, 0, 0, 0, 0, 0, 2, 0, 0, 2]
    assert bins[6].confidence == pytest.approx(0.65)
    assert (bins[9].accuracy, bins[1].accuracy) == (0.5, None)
    assert calibration.expected_error(bins) == pytest.approx((0 + 2 * 0.35 + 2 * 0.5) / 5)


def test_who_is_right_as_often_as_sure_is_calibrated():
    random = np.random.default_rng(0)
    confidence = random.random(20_000)
    bins = calibration.bins(confidence, random.random(20_000) < confidence)
    assert calibration.expected_error(bins) < 0.02
