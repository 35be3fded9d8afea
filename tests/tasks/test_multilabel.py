"""The head of several classes at once, and its loss with weights and smoothed labels."""

import keras
import numpy as np
import pytest
from sklearn.utils.class_weight import compute_class_weight

from dlcli.data import DataSpec
from dlcli.tasks import multilabel

SPEC = DataSpec((), "string", ("a", "b", "c"), "")
TARGETS = np.array([[1, 0, 0], [0, 0, 0], [1, 1, 0], [1, 0, 0]], np.uint8)
PROBABILITIES = np.array([[0.9, 0.2, 0.1], [0.4, 0.3, 0.2], [0.7, 0.6, 0.3], [0.2, 0.1, 0.5]])


def losses(class_weights: str, label_smoothing: float) -> np.ndarray:
    loss = multilabel.weighted_loss(TARGETS, SPEC, class_weights, label_smoothing)
    return np.asarray(loss(TARGETS, keras.ops.convert_to_tensor(PROBABILITIES, "float32")))


@pytest.mark.parametrize("label_smoothing", [0.0, 0.2])
def test_smoothed_labels_are_those_of_keras(label_smoothing):
    keras_loss = keras.losses.BinaryCrossentropy(label_smoothing=label_smoothing, reduction=None)
    expected = np.asarray(keras_loss(TARGETS, PROBABILITIES))
    assert losses("none", label_smoothing) == pytest.approx(expected, rel=1e-5)


def test_balanced_weights_are_those_of_scikit_learn():
    found = multilabel.balanced_weights(TARGETS)
    for index in range(2):
        expected = compute_class_weight(
            "balanced", classes=np.array([0, 1]), y=TARGETS[:, index].astype(int)
        )
        assert found[:, index] == pytest.approx(expected)
    assert found[:, 2].tolist() == [1, 0]  # no example has it


def test_examples_with_a_class_count_as_much_as_those_without():
    each = -np.log(np.where(TARGETS == 1, PROBABILITIES, 1 - PROBABILITIES))
    weights = multilabel.balanced_weights(TARGETS)
    expected = (each * np.where(TARGETS == 1, weights[1], weights[0])).mean(axis=1)
    assert losses("balanced", 0.0) == pytest.approx(expected, rel=1e-5)


def test_the_area_shown_in_training_is_the_mean_of_the_classes_that_occur():
    metric, keras_metric = multilabel.METRICS["pr_auc"](SPEC), keras.metrics.AUC(curve="PR")
    metric.update_state(TARGETS, PROBABILITIES)
    areas = []
    for index in range(2):  # no example has the third
        keras_metric.reset_state()
        keras_metric.update_state(TARGETS[:, index], PROBABILITIES[:, index])
        areas.append(float(keras_metric.result()))
    assert float(metric.result()) == pytest.approx(np.mean(areas), rel=1e-5)
    assert min(areas) > 0.5
    metric.reset_state()
    metric.update_state(TARGETS * 0, PROBABILITIES)
    assert float(metric.result()) == 0


def test_the_head_is_a_probability_for_each_class_in_float32():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        inputs = keras.Input((5,))
        model = keras.Model(inputs, multilabel.head(inputs, SPEC))
    finally:
        keras.config.set_dtype_policy("float32")
    found = np.asarray(model(np.random.default_rng(0).normal(size=(4, 5)) * 5))
    assert found.dtype == np.float32
    assert found.shape == (4, 3)
    assert (found >= 0).all()
    assert (found <= 1).all()
    assert not np.allclose(found.sum(axis=1), 1)
