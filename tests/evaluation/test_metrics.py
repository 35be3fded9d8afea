"""Our figures equal scikit-learn's and Keras's."""

import keras
import numpy as np
import pytest
from sklearn import metrics as reference

from dlcli.evaluation import classification, regression
from dlcli.runs.results import confusion_counts

NAMES = ["cat", "犬", "bird", "never"]


@pytest.fixture
def example():
    generator = np.random.default_rng(0)
    targets = generator.integers(0, 3, 200).astype(np.int32)  # the last class has no example
    probabilities = generator.dirichlet(np.ones(4), 200).astype(np.float32)
    probabilities[:, 3] = 0  # and is never predicted
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    probabilities[0] = [0, 1, 0, 0] if targets[0] != 1 else [1, 0, 0, 0]  # a certain mistake
    return probabilities, targets


def test_figures_equal_the_reference(example):
    probabilities, targets = example
    result = classification.measure(probabilities, targets, {"class_names": NAMES})
    predicted = probabilities.argmax(axis=1)

    precision, recall, f1, examples = reference.precision_recall_fscore_support(
        targets, predicted, labels=range(4), zero_division=0
    )
    loss = keras.losses.sparse_categorical_crossentropy(targets, probabilities)
    assert result["accuracy"] == reference.accuracy_score(targets, predicted)
    assert (
        result["confusion"]
        == reference.confusion_matrix(targets, predicted, labels=range(4)).tolist()
    )
    assert result["loss"] == pytest.approx(float(np.mean(loss)), rel=1e-5)
    for i, row in enumerate(result["per_class"][:3]):
        assert row["class"] == NAMES[i]
        assert (row["precision"], row["recall"]) == pytest.approx((precision[i], recall[i]))
        assert row["f1"] == pytest.approx(f1[i])
        assert row["examples"] == examples[i]


def test_of_many_classes_the_pairs_with_examples_are_kept(example, tmp_path):
    probabilities, targets = example
    few = classification.measure(probabilities, targets, {"class_names": NAMES})
    wide = np.pad(probabilities, ((0, 0), (0, 1196)))
    names = [*NAMES, *map(str, range(1196))]
    many = classification.measure(wide, targets, {"class_names": names})
    assert "confusion" not in many
    assert many["per_class"][:4] == few["per_class"]
    assert confusion_counts(many) == confusion_counts(few)
    assert sum(count for _, _, count in confusion_counts(many)) == 200
    metadata = {"class_names": names}
    assert not [*classification.draw(many, wide, targets, metadata, tmp_path, str)]


def test_a_class_without_examples_or_predictions_has_no_figures(example):
    row = classification.measure(*example, {"class_names": NAMES})["per_class"][3]
    assert row == {"class": "never", "precision": None, "recall": None, "f1": None, "examples": 0}


def test_figures_of_a_regression_equal_the_reference():
    generator = np.random.default_rng(0)
    targets = generator.normal(2e5, 1e5, 300).astype(np.float32)
    predictions = (targets + generator.normal(0, 5e4, 300)).astype(np.float32)[:, None]
    result = regression.measure(predictions, targets, {})
    assert result["examples"] == 300
    assert result["rmse"] == pytest.approx(
        reference.root_mean_squared_error(targets, predictions), rel=1e-6
    )
    assert result["mae"] == pytest.approx(
        reference.mean_absolute_error(targets, predictions), rel=1e-6
    )
    assert result["r2"] == pytest.approx(reference.r2_score(targets, predictions), rel=1e-6)


def test_targets_that_do_not_vary_have_no_share_explained():
    assert regression.measure(np.array([1.0, 2.0]), np.array([1.0, 1.0]), {})["r2"] is None
