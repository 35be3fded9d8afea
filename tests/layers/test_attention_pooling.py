"""Attention over the steps that are there."""

import numpy as np

from dlcli.layers.attention_pooling import AttentionPooling

LENGTHS = np.array([1, 4, 7], np.int32)
X = np.random.default_rng(0).normal(size=(3, 7, 4)).astype(np.float32)


def test_attention_is_that_of_the_paper():
    layer = AttentionPooling(5)
    layer(X)
    kernel, bias, query = (np.array(weight) for weight in layer.get_weights())
    scores = np.tanh(X @ kernel + bias) @ query[:, 0]
    exponents = np.exp(scores - scores.max(axis=1, keepdims=True))
    expected = exponents / exponents.sum(axis=1, keepdims=True)
    assert np.allclose(layer.step_weights(X), expected, atol=1e-6)


def test_attention_weighs_in_float32_under_another_precision():
    layer = AttentionPooling(5, dtype="mixed_bfloat16")
    assert layer(X.astype(np.float32), LENGTHS).dtype == "bfloat16"
    assert np.allclose(np.sum(layer.step_weights(X, LENGTHS), axis=1), 1, atol=1e-6)


def test_what_follows_the_end_has_no_weight():
    layer = AttentionPooling(5)
    changed = X.copy()
    changed[1, 4:] = 1e3
    assert np.array_equal(layer(X, LENGTHS)[1], layer(changed, LENGTHS)[1])
    assert np.array_equal(layer.step_weights(X, LENGTHS)[0], [1, 0, 0, 0, 0, 0, 0])
