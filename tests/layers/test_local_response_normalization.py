"""Local response normalisation."""

import numpy as np

from dlcli.layers.local_response_normalization import LocalResponseNormalization


def test_local_response_normalization_is_that_of_the_paper():
    x = np.random.default_rng(0).normal(size=(2, 3, 3, 7)).astype(np.float32)
    expected = np.empty_like(x)
    for channel in range(7):
        near = x[..., max(0, channel - 2) : channel + 3]
        expected[..., channel] = x[..., channel] / (2 + 1e-4 * (near**2).sum(-1)) ** 0.75
    assert np.allclose(LocalResponseNormalization()(x), expected, atol=1e-6)


def test_it_computes_in_float32_and_keeps_the_type():
    x = np.full((1, 1, 1, 3), 200.0, np.float32)
    layer = LocalResponseNormalization(alpha=1.0, dtype="float16")
    assert layer(x).dtype == "float16"
    assert np.allclose(layer(x), LocalResponseNormalization(alpha=1.0)(x), rtol=1e-3)
