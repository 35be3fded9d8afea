"""The LSTM layer that is trained in bfloat16 does what Keras's layer does, with smaller errors."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from dlcli.training import fused
from dlcli.training.fused_lstm import FusedLSTM

UNITS, STEPS, FEATURES = 12, 30, 9
SEQUENCES = np.random.default_rng(0).normal(size=(7, STEPS, FEATURES)).astype(np.float32)


def network(policy="mixed_bfloat16", **keywords):
    """Two layers with weights of some size, whatever their precision."""
    keras.config.set_dtype_policy(policy)
    try:
        inputs = keras.Input((STEPS, FEATURES))
        x = keras.layers.LSTM(UNITS, return_sequences=True, seed=1, **keywords)(inputs)
        model = keras.Model(inputs, keras.layers.LSTM(UNITS)(x))
    finally:
        keras.config.set_dtype_policy("float32")
    draw = np.random.default_rng(1)
    for variable in model.trainable_variables:
        variable.assign(draw.normal(0, 0.3, variable.shape))
    return model


def step(model, training=True):
    """Answers and gradients of one step, float32."""
    inputs = tf.constant(SEQUENCES)

    @tf.function
    def compute():
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            answers = tf.cast(model(inputs, training=training), tf.float32)
            loss = tf.reduce_sum(answers * tf.sin(tf.range(float(UNITS))))
        return answers, *tape.gradient(loss, [inputs, *model.trainable_variables])

    return [value.numpy() for value in compute()]


def distance(found, expected):
    return float(np.linalg.norm(found - expected) / np.linalg.norm(expected))


def test_a_step_is_nearer_to_float32_than_that_of_keras():
    exact, plain = step(network("float32")), network()
    faster = fused.fuse(plain)
    assert [type(layer) for layer in faster.layers[-2:]] == [FusedLSTM, FusedLSTM]
    errors = [distance(found, value) for found, value in zip(step(faster), exact, strict=True)]
    keras_errors = [distance(found, value) for found, value in zip(step(plain), exact, strict=True)]
    assert max(errors) < 0.01
    assert sum(errors) < sum(keras_errors)


@pytest.mark.parametrize("batch", [1, 2, 7])
def test_a_batch_of_any_size_is_cut_in_two(batch):
    model = network()
    alone = fused.fuse(model)(SEQUENCES[:batch])
    together = fused.fuse(model)(SEQUENCES)[:batch]
    assert alone.shape == (batch, UNITS)
    assert distance(tf.cast(alone, tf.float32), tf.cast(together, tf.float32)) < 0.01


def test_dropout_draws_the_masks_that_keras_draws():
    plain = network(dropout=0.4)
    faster = fused.fuse(plain)
    for found, expected in zip(step(faster), step(plain), strict=True):
        assert distance(found, expected) < 0.02
    answers = step(faster, training=False)[0]
    assert distance(answers, step(plain, training=False)[0]) < 0.02
    assert distance(step(faster)[0], answers) > 0.1


def test_two_steps_from_one_state_are_equal_to_the_bit():
    first, second = (step(fused.fuse(network())) for _ in range(2))
    for one, other in zip(first, second, strict=True):
        assert np.array_equal(one, other)


@pytest.mark.parametrize(
    "keywords",
    [{"activation": "relu"}, {"recurrent_dropout": 0.2}, {"use_bias": False}, {"unroll": True}],
)
def test_layers_that_compute_something_else_stay(keywords):
    faster = fused.fuse(network(**keywords))
    assert [type(layer) for layer in faster.layers[-2:]] == [keras.layers.LSTM, FusedLSTM]


def test_in_float32_keras_is_fast_enough():
    model = network("float32")
    assert fused.fuse(model) is model
