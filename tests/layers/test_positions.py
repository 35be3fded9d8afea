"""Vectors of positions."""

import numpy as np

from dlcli.layers.positions import Positions


def test_waves_are_those_of_the_paper():
    waves = np.array(Positions("sinusoidal")(np.zeros((1, 3, 4), np.float32)))[0]
    assert np.allclose(waves[0], [0, 1, 0, 1])
    assert np.allclose(waves[2], [np.sin(2), np.cos(2), np.sin(0.02), np.cos(0.02)])


def test_learned_positions_are_a_weight_that_is_added():
    x = np.random.default_rng(0).normal(size=(2, 3, 4)).astype(np.float32)
    learned = Positions("learned")
    assert np.array_equal(learned(x), x + learned.get_weights()[0])
    assert learned.trainable_weights[0].shape == (3, 4)
    assert Positions("sinusoidal").trainable_weights == []
