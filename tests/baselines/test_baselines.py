"""Simple models answer from the train split alone."""

import numpy as np
import pytest

from dlcli import kinds
from dlcli.baselines import classification, constant, linear, text
from dlcli.data import DataSet, DataSpec, Split, Splits

CLASSES = kinds.output_of("table-classification")
NUMBERS = kinds.output_of("table-regression")


def constant_model(output, targets, *class_names):
    split = Split(np.zeros(len(targets)), np.array(targets), np.arange(len(targets)), [])
    test = Split(np.zeros(2), np.zeros(2), np.arange(2), [])
    spec = DataSpec((), "", class_names, "")
    return constant.model(DataSet(Splits(split, split, test), spec), output)


def test_the_shares_of_the_classes_and_the_mean() -> None:
    name, answers = constant_model(CLASSES, [1, 1, 0, 1], "a", "b")
    assert (name, answers.tolist()) == ("majority class", [[0.25, 0.75], [0.25, 0.75]])
    name, answers = constant_model(NUMBERS, [1.0, 3.0])
    assert (name, answers.tolist()) == ("mean target", [2, 2])


def test_a_linear_model_finds_a_line() -> None:
    x = np.linspace(-1, 1, 50, dtype=np.float32)[:, None]
    y = (3 * x[:, 0] + 1000).astype(np.float32)
    assert linear.model(x, y, x[:1], 0, NUMBERS)[1] == pytest.approx([997], abs=0.5)


def test_a_logistic_model_finds_a_threshold_and_leaves_unseen_classes_out() -> None:
    x = np.linspace(-1, 1, 50, dtype=np.float32)[:, None]
    y = 2 * (x[:, 0] > 0).astype(np.int32)  # the middle class is never seen
    probabilities = linear.model(x, y, x, 3, CLASSES)[1]
    assert (probabilities.argmax(axis=1) == y).mean() > 0.95
    assert probabilities[:, 1].tolist() == [0] * 50


def test_tf_idf_knows_pairs_of_words_and_leaves_unseen_classes_out() -> None:
    train = [["not", "bad"], ["bad", "not"]] * 20
    targets = np.array([2, 0] * 20)
    probabilities = text.tf_idf(
        train, targets, [["not", "bad"], ["bad", "not"], []], 3, classification
    )
    assert probabilities.argmax(axis=1)[:2].tolist() == [2, 0]
    assert probabilities[:, 1].tolist() == [0, 0, 0]
    assert probabilities.sum(axis=1) == pytest.approx([1, 1, 1])


def test_tf_idf_of_empty_texts_is_the_majority() -> None:
    assert text.tf_idf([[], [], []], np.array([1, 1, 0]), [["x"]], 2, classification).argmax() == 1
