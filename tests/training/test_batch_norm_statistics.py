"""Batch normalisation is estimated over the train split, and training goes on as if it were not."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from dlcli.devices.replicas import Replicas
from dlcli.training import fused
from dlcli.training.batch_norm_statistics import BatchNormStatistics, amount, layers_of

RNG = np.random.default_rng(0)
IMAGES = (RNG.normal(0, 1, (70, 5, 4, 3)) + RNG.normal(3, 5, (70, 1, 1, 3))).astype(np.float32)


def network(policy="float32", dropout=0.0, shape=(5, 4, 3)):
    keras.utils.set_random_seed(0)
    keras.config.set_dtype_policy(policy)
    try:
        inputs = keras.Input(shape)
        x = keras.layers.BatchNormalization()(inputs)
        x = keras.layers.Activation("relu")(keras.layers.Dense(6)(x))
        x = keras.layers.BatchNormalization()(keras.layers.Dropout(dropout)(x))
        return keras.Model(inputs, keras.layers.Dense(2, dtype="float32")(x), name="core")
    finally:
        keras.config.set_dtype_policy("float32")


def batches_of(examples):
    def batches(num_examples, batch_size):
        return (
            tf.data.Dataset.from_tensor_slices((examples, np.zeros(len(examples))))
            .take(num_examples)
            .batch(batch_size)
        )

    return batches


def statistics(model, examples=IMAGES, num_train=70, batch_size=32, always=True):
    return BatchNormStatistics(
        model,
        batches_of(examples),
        num_train=num_train,
        batch_size=batch_size,
        always=always,
        replicas=Replicas(),
    )


def estimated(model, **options):
    """The layers' (mean, variance), the first layer's first."""
    found = statistics(model, **options)
    assert found.estimate(lambda: False)
    with found.in_place():
        return [
            (each.moving_mean.numpy(), each.moving_variance.numpy()) for each in layers_of(model)
        ]


@pytest.mark.parametrize("fuse", [False, True])
@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
def test_the_first_layer_gets_mean_and_variance_of_all_examples(monkeypatch, fuse, policy):
    # Batches of 32, 32 and 6 whose means differ: neither the mean of the batches' means nor that
    # of their variances is right.
    monkeypatch.setattr("dlcli.training.batch_norm_statistics._SHARE", 1.0)
    monkeypatch.setattr("dlcli.training.batch_norm_statistics._MIN_NUMBERS", 0)
    model = network(policy)
    ordered = IMAGES[np.argsort(IMAGES.mean(axis=(1, 2, 3)))]
    [(mean, variance), _] = estimated(fused.fuse(model) if fuse else model, examples=ordered)
    tolerance = 1e-5 if policy == "float32" else 1e-2
    assert mean == pytest.approx(ordered.mean(axis=(0, 1, 2)), rel=tolerance)
    assert variance == pytest.approx(ordered.var(axis=(0, 1, 2)), rel=tolerance)


def test_one_batch_gives_a_later_layer_what_it_meets_in_validation():
    # With dropout in training mode its variance would be higher.
    model = network(dropout=0.5)
    found = statistics(model, num_train=70, batch_size=70)
    assert found.estimate(lambda: False)
    with found.in_place():
        last = layers_of(model)[1]
        met = keras.Model(model.input, last.input)(IMAGES, training=False).numpy()
        assert last.moving_mean.numpy() == pytest.approx(met.mean(axis=(0, 1, 2)), abs=1e-4)
        assert last.moving_variance.numpy() == pytest.approx(met.var(axis=(0, 1, 2)), rel=1e-3)


def test_moving_averages_random_states_and_layers_are_as_they_were():
    model = fused.fuse(network(dropout=0.5))
    model(IMAGES, training=True)
    before = [variable.numpy() for variable in model.variables]
    found = statistics(model)
    assert found.estimate(lambda: False)
    assert not found.estimate(lambda: True)
    with found.in_place():
        pass
    after = [variable.numpy() for variable in model.variables]
    assert all(np.array_equal(old, new) for old, new in zip(before, after, strict=True))
    assert [layer.momentum for layer in layers_of(model)] == [0.99, 0.99]
    model(IMAGES, training=True)
    assert not np.array_equal(layers_of(model)[0].moving_mean.numpy(), before[2])
    answers = model(IMAGES, training=False)
    assert np.array_equal(answers, model(IMAGES, training=False))


def test_frozen_layers_of_an_average_are_estimated_and_stay_frozen():
    model = network()
    model.trainable = False
    [(mean, _), _] = estimated(model, batch_size=70)
    assert mean == pytest.approx(IMAGES.mean(axis=(0, 1, 2)), rel=1e-5)
    assert not any(layer.trainable for layer in layers_of(model))


def test_a_column_far_from_zero_keeps_its_variance():
    rows = RNG.normal(1e4, 1, (70, 3)).astype(np.float32)
    [(_, variance), _] = estimated(network(shape=(3,)), examples=rows)
    assert variance == pytest.approx(rows.astype(np.float64).var(axis=0), rel=0.01)


def test_two_estimates_are_equal_to_the_bit():
    model = network()
    first, second = (
        np.concatenate(sum(estimated(model), ())),
        np.concatenate(sum(estimated(model), ())),
    )
    assert first.tobytes() == second.tobytes()


@pytest.mark.parametrize(
    ("always", "step", "due"),
    [
        (False, 1999, True),
        (False, 2000, False),
        (True, 2000, True),
    ],
)
def test_estimates_end_after_2000_steps_unless_asked_for(always, step, due):
    assert statistics(network(), always=always).are_due(step) is due


@pytest.mark.parametrize(
    ("num_train", "batch_size", "numbers", "expected"),
    [
        (34, 8, 24 * 24 * 3, (32, 32)),  # of few pictures enough to tell
        (540, 32, 64 * 64 * 3, (64, 32)),  # 4 % of the cost of an epoch
        (100_000, 128, 28 * 28, (6400, 128)),  # 50 batches
        (1000, 512, 64 * 64 * 3, (120, 512)),  # large batches are not the measure
        (500, 16, 10, (500, 819)),  # rows of a table cost nothing
        (20, 64, 1728, (20, 64)),  # all there are
    ],
)
def test_the_amount_is_a_count(num_train, batch_size, numbers, expected):
    assert amount(num_train, batch_size, numbers) == expected
