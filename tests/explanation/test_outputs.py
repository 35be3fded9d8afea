"""What is explained of each output, and which of its predictions are mistakes."""

import numpy as np
import pytest
import tensorflow as tf

from dlcli.explanation import classification, forecasting, next_token, regression

FORECAST = {
    "target": "",
    "forecast": {"horizon": 2, "targets": [{"name": "x", "std": 1.0}, {"name": "y", "std": 10.0}]},
}


def test_the_score_of_a_class_is_its_log_odds():
    probabilities = np.array([[0.2, 0.3, 0.5]])
    logits = tf.constant(np.log(probabilities) + 3)
    assert float(classification.score(logits, tf.constant(1))[0]) == pytest.approx(
        np.log(0.3 / 0.7)
    )
    at_every_step = tf.stack([logits * 0, logits], axis=1)
    assert float(next_token.score(at_every_step, tf.constant(1))[0]) == pytest.approx(
        np.log(0.3 / 0.7)
    )
    assert classification.value(probabilities, 2) == [0.5]
    assert classification.unit("a\n", {}, of_score=True) == "log-odds of 'a\\n'"
    assert classification.unit("a", {}, of_score=False) == "probability of 'a'"


def test_the_score_of_numbers_is_the_number_or_the_mean_of_its_steps():
    assert regression.score(tf.constant([[4.0]]), tf.constant(0)).numpy() == [4]
    assert regression.unit("price", {}, of_score=True) == "price"
    assert regression.unit("", {}, of_score=True) == "the prediction"
    assert regression.names({"target": "price"}) == ["price"]
    assert regression.names({"target": ""}) == []
    steps = np.array([[[1.0, 2.0], [3.0, 6.0]]])
    assert forecasting.score(tf.constant(steps), tf.constant(1)).numpy() == [4]
    assert forecasting.value(steps, 1) == [4]
    assert forecasting.names(FORECAST) == ["x", "y"]
    assert forecasting.unit("x", FORECAST, of_score=True) == "mean forecast of x"
    one = {"forecast": {**FORECAST["forecast"], "horizon": 1}}
    assert forecasting.unit("x", one, of_score=True) == "x"


def test_the_worst_mistakes_come_first():
    rows = np.array([[0.6, 0.4], [0.1, 0.9], [0.3, 0.7], [0.2, 0.8]])
    assert classification.mistakes(rows, np.array([1, 0, 1, 0]), {}).tolist() == [1, 3, 0]
    numbers = np.array([[1.0], [5.0], [2.0]])
    assert regression.mistakes(numbers, np.array([1, 3, 3]), {}).tolist() == [1, 2, 0]
    assert next_token.mistakes is None
    # Errors are in standard deviations; what is not known has none.
    answers = np.zeros((3, 2, 2))
    truth = np.array([[[1, 5]] * 2, [[0, 30]] * 2, [[np.nan, 10], [1, np.nan]]])
    assert forecasting.mistakes(answers, truth, FORECAST).tolist() == [1, 2, 0]
