"""The keys that families share take names that Keras knows."""

from typing import get_args

import keras
import numpy as np
import pytest

from dlcli.models import _keys


def choices(key):
    return get_args(get_args(key)[0])


@pytest.mark.parametrize("name", choices(_keys.Activation))
def test_an_activation_is_one_of_keras(name):
    answers = keras.activations.get(name)(keras.ops.convert_to_tensor([-2.0, -0.5, 0.5, 2.0]))
    assert keras.activations.get(name).__name__ == name
    assert np.isfinite(answers).all()


@pytest.mark.parametrize("name", choices(_keys.Initializer))
@pytest.mark.parametrize("shape", [(8, 4), (3, 3, 8, 4)], ids=["dense", "convolution"])
def test_an_initializer_is_one_of_keras(name, shape):
    kernel = np.asarray(keras.initializers.get(name)(shape))
    assert kernel.std() > 0


def test_no_penalty_is_no_regularizer():
    assert _keys.regularizer(0.0, 0.0) is None


def test_the_penalty_is_that_of_the_keys():
    kernel = keras.ops.convert_to_tensor([[1.0, -2.0]])
    assert float(_keys.regularizer(0.5, 0.0)(kernel)) == pytest.approx(0.5 * 3)
    assert float(_keys.regularizer(0.0, 0.1)(kernel)) == pytest.approx(0.1 * 5)
    assert float(_keys.regularizer(0.5, 0.1)(kernel)) == pytest.approx(0.5 * 3 + 0.1 * 5)
