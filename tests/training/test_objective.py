"""What training minimises, and that validation and test are measured as ever."""

import keras
import numpy as np
import pytest

from dlcli.data import DataSpec, Split
from dlcli.errors import RecipeError
from dlcli.recipe import schema
from dlcli.tasks import classification
from dlcli.training import objective

TARGETS = np.array([0, 0, 0, 1, 2, 2], np.int32)
SPEC = DataSpec((4,), "float32", ("a", "b", "c", "d"), "")
TRAIN = Split(np.zeros((6, 4), np.float32), TARGETS, np.arange(6), [""] * 6)


def core(*overrides):
    loaded = schema.load("digits-cnn", [f"training.{override}" for override in overrides])
    keras.utils.set_random_seed(0)
    inputs = keras.Input((4,))
    outputs = keras.layers.Dense(4, activation="softmax", kernel_regularizer="l2")(inputs)
    plain = keras.Model(inputs, outputs, name="core")
    model = objective.of_core(plain, loaded.task, loaded.training, TRAIN, SPEC)
    model.compile(keras.optimizers.SGD(0.0), loss="sparse_categorical_crossentropy")
    return model


def losses(override):
    """The loss that a step of training shows, that of validation, and the probabilities."""
    model = core(override)
    inputs = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)
    train = model.train_on_batch(inputs, TARGETS)
    validation = model.test_on_batch(inputs, TARGETS)
    return train, validation, model.predict_on_batch(inputs), float(sum(model.losses))


def test_balanced_weights_are_those_of_scikit_learn():
    from sklearn.utils.class_weight import compute_class_weight

    weights = classification.balanced_weights(TARGETS, 4)
    expected = compute_class_weight("balanced", classes=np.arange(3), y=TARGETS)
    assert np.allclose(weights, [*expected, 0])
    assert weights[TARGETS].mean() == pytest.approx(1)


def test_class_weights_are_in_the_loss_of_training_alone():
    train, validation, probabilities, penalty = losses("class_weights=balanced")
    entropies = -np.log(probabilities[np.arange(6), TARGETS])
    weights = classification.balanced_weights(TARGETS, 4)[TARGETS]
    assert train == pytest.approx((weights * entropies).mean() + penalty, rel=1e-5)
    assert validation == pytest.approx(entropies.mean() + penalty, rel=1e-5)
    assert penalty > 0


def test_label_smoothing_is_in_the_loss_of_training_alone():
    train, validation, probabilities, penalty = losses("label_smoothing=0.2")
    labels = 0.8 * np.eye(4)[TARGETS] + 0.2 / 4
    assert train == pytest.approx(-(labels * np.log(probabilities)).sum(1).mean() + penalty, 1e-5)
    entropies = -np.log(probabilities[np.arange(6), TARGETS])
    assert validation == pytest.approx(entropies.mean() + penalty, rel=1e-5)


def test_nothing_asked_leaves_the_core_as_it_is():
    assert not isinstance(core(), objective._Core)
    assert isinstance(core("label_smoothing=0.2"), objective._Core)


def test_the_core_has_the_same_inputs_and_outputs():
    smoothed = core("label_smoothing=0.2")
    assert smoothed.input.shape == (None, 4)  # read where statistics are estimated
    assert smoothed.output.shape == (None, 4)


def test_a_task_without_classes_is_refused():
    overrides = ["training.label_smoothing=0.1", "training.class_weights=balanced"]
    loaded = schema.load("california-linear", overrides)
    message = (
        r"training\.label_smoothing and training\.class_weights cannot be used here: "
        "table-regression is no classification"
    )
    with pytest.raises(RecipeError, match=message):
        objective.of_core(
            keras.Sequential(),
            loaded.task,
            loaded.training,
            TRAIN,
            DataSpec((4,), "float32", (), ""),
        )
