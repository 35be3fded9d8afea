"""The fused kernel trains as Keras's batch normalisation does."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from dlcli.training import fused

RNG = np.random.default_rng(0)
IMAGES = RNG.normal(2, 3, (6, 5, 4, 3)).astype(np.float32)


def network(policy="float32", dropout=0.0):
    keras.utils.set_random_seed(0)
    keras.config.set_dtype_policy(policy)
    try:
        inputs = keras.Input((5, 4, 3))
        x = keras.layers.BatchNormalization()(inputs)
        x = keras.layers.Conv2D(4, 3, use_bias=False)(x)
        x = keras.layers.BatchNormalization()(x)
        x = keras.layers.Dropout(dropout)(x)
        x = keras.layers.GlobalAveragePooling2D()(keras.layers.Activation("relu")(x))
        x = keras.layers.BatchNormalization()(x)
        outputs = keras.layers.Dense(1, dtype="float32")(x)
        return keras.Model(inputs, outputs, name="core")
    finally:
        keras.config.set_dtype_policy("float32")


def step(model):
    """Loss and gradients of one training step; the moving statistics move."""
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(model(IMAGES, training=True) - 1))
    return loss, tape.gradient(loss, [v.value for v in model.trainable_variables])


@pytest.mark.parametrize(("policy", "tolerance"), [("float32", 1e-5), ("mixed_bfloat16", 0.05)])
def test_a_step_is_that_of_keras(policy, tolerance):
    plain = network(policy)
    faster = fused.fuse(plain)
    (loss, gradients), (fused_loss, fused_gradients) = step(plain), step(faster)
    assert float(fused_loss) == pytest.approx(float(loss), rel=tolerance)
    size = max(float(np.abs(gradient).max()) for gradient in gradients)
    for expected, gradient in zip(gradients, fused_gradients, strict=True):
        assert np.abs(gradient - expected).max() < tolerance * size
    for expected, variable in zip(plain.variables, faster.variables, strict=True):
        assert np.allclose(variable, expected, atol=tolerance)
    assert not np.allclose(faster.layers[1].moving_mean, 0)


def test_only_normalisation_of_images_is_replaced():
    faster = fused.fuse(network())
    kinds = [type(layer) for layer in faster.layers if "batch_norm" in layer.name]
    assert kinds == [fused.FusedBatchNormalization] * 2 + [keras.layers.BatchNormalization]
    assert faster.name == "core"


def test_what_was_learned_fits_the_plain_model_and_answers_the_same():
    plain = network()
    faster = fused.fuse(plain)
    step(faster)
    plain.set_weights(faster.get_weights())
    assert np.allclose(plain(IMAGES), faster(IMAGES), atol=1e-6)


def test_a_model_without_it_is_left_alone():
    inputs = keras.Input((3,))
    model = keras.Model(inputs, keras.layers.Dense(1)(inputs))
    assert fused.fuse(model) is model
