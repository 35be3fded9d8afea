"""The distance between sets of pictures is one, and grows with what a person sees."""

import numpy as np
import pytest

from dlcli import frechet

SHAPE = (16, 12, 1)


def bars(count, seed=0):
    """Pictures of one bright bar each, at a random place."""
    rng = np.random.default_rng(seed)
    pictures = np.zeros((count, *SHAPE), np.uint8)
    for picture, place in zip(pictures, rng.integers(2, 12, count), strict=True):
        picture[place : place + 2, 2:10] = 250
    return pictures


def distance(one, other):
    return frechet.distance(*(frechet.moments(frechet.features(each)) for each in (one, other)))


def test_filters_are_the_same_everywhere_and_answer_to_no_plain_brightness():
    kernels = frechet.filters((28, 28, 3))
    assert kernels.shape == (5, 5, 3, 16)
    assert kernels.dtype == np.float32
    assert np.abs(kernels.sum(axis=(0, 1, 2))).max() < 1e-5
    assert np.allclose(np.square(kernels).sum(axis=(0, 1, 2)), 1, atol=1e-5)
    assert kernels[0, 0, 0, :3] == pytest.approx([-0.076017, 0.076019, 0.084569], abs=1e-5)


def test_small_pictures_have_smaller_filters():
    assert frechet.filters((8, 8, 1)).shape == (3, 3, 1, 16)
    assert frechet.features(np.zeros((2, 8, 8, 1))).shape == (2, 16 * 16)
    assert frechet.features(np.zeros((2, 1, 2, 1))).shape == (2, 2 * 16)


def test_features_of_a_picture_do_not_depend_on_the_others():
    pictures = bars(300)
    assert np.array_equal(frechet.features(pictures)[290:], frechet.features(pictures[290:]))


def test_the_distance_of_two_normal_distributions_is_the_formula():
    mean, variance = np.array([1.0, 2.0]), np.array([4.0, 9.0])
    other_mean, other_variance = np.array([0.0, 4.0]), np.array([1.0, 16.0])
    expected = (1 + 4) + (2 - 1) ** 2 + (3 - 4) ** 2
    one, other = (mean, np.diag(variance)), (other_mean, np.diag(other_variance))
    assert frechet.distance(one, other) == pytest.approx(expected)
    turn = np.array([[0.6, -0.8], [0.8, 0.6]])
    turned = [(turn @ m, turn @ c @ turn.T) for m, c in (one, other)]
    assert frechet.distance(*turned) == pytest.approx(expected)


def test_nothing_is_as_near_as_the_same_pictures():
    real = bars(200)
    assert distance(real, real) == pytest.approx(0, abs=1e-9)
    others = bars(200, seed=1)
    noisy = np.clip(real + np.random.default_rng(2).normal(0, 40, real.shape), 0, 255)
    blurred = (real.astype(float) + np.roll(real, 1, 1) + np.roll(real, -1, 1)) / 3
    mean = np.broadcast_to(real.mean(axis=0), real.shape)
    near = distance(real, others)
    assert near < distance(real, noisy) < distance(real, mean)
    assert near < distance(real, blurred)


def test_a_model_that_makes_one_picture_alone_is_far():
    real = bars(200)
    same = np.repeat(real[:1], 200, axis=0)
    assert distance(real, same) > 10 * distance(real, bars(200, seed=1))


def test_moments_that_are_not_finite_have_no_distance():
    good = (np.zeros(2), np.eye(2))
    assert np.isnan(frechet.distance(good, (np.array([np.nan, 0]), np.eye(2))))
