"""Schedules: what the learning rate is at which step."""

import keras
import numpy as np
import pytest

from dlcli.recipe.sections import Training
from dlcli.training import schedules

STEPS = 10  # an epoch


def rates(epochs=8, plateau=None, **options):
    """The learning rate of every step."""
    training = Training(epochs=epochs, learning_rate=1.0, **options)
    schedule = schedules.build(training, STEPS, plateau)
    if isinstance(schedule, float):
        return np.full(epochs * STEPS, schedule)
    return np.array([float(schedule(step)) for step in range(epochs * STEPS)])


def test_a_constant_rate_stays_a_variable_of_the_optimizer():
    assert schedules.build(Training(learning_rate=0.5), STEPS) == 0.5


@pytest.mark.parametrize("schedule", ["constant", "cosine", "exponential", "step", "plateau"])
def test_a_warm_up_rises_from_zero_to_the_peak(schedule):
    seen = rates(schedule=schedule, warmup_epochs=2, decay_epochs=4)
    assert seen[0] == 0
    assert np.allclose(np.diff(seen[:21]), 1 / 20)
    assert seen[20] == pytest.approx(1)
    assert seen.max() == pytest.approx(1)


def test_cosine_falls_to_the_lowest_rate():
    seen = rates(schedule="cosine", min_learning_rate=0.25)
    assert (seen[0], seen[40]) == (1, pytest.approx(0.625))
    assert 0.25 < seen[-1] < 0.26


def test_one_cycle_rises_over_three_tenths_and_falls():
    seen = rates(schedule="one-cycle")
    assert seen[0] == pytest.approx(1 / 25)
    assert seen.argmax() == 24
    assert seen[-1] < 0.01


def test_exponential_falls_by_the_factor_in_the_epochs_given():
    seen = rates(schedule="exponential", decay_factor=0.5, decay_epochs=2)
    assert (seen[20], seen[40]) == (pytest.approx(0.5), pytest.approx(0.25))
    assert np.allclose(seen[1:] / seen[:-1], 0.5 ** (1 / 20))
    floored = rates(schedule="exponential", decay_factor=0.5, decay_epochs=2, min_learning_rate=0.3)
    assert floored.min() == pytest.approx(0.3)


def test_step_falls_at_the_first_step_of_an_epoch():
    seen = rates(schedule="step", decay_epochs=3)
    assert np.allclose(seen, [1.0] * 30 + [0.1] * 30 + [0.01] * 20)
    seen = rates(schedule="step", decay_at_epochs=(1.0, 1.5), decay_factor=0.5)
    assert np.allclose(seen, [1.0] * 10 + [0.5] * 5 + [0.25] * 65)


def test_a_plateau_scales_the_rate_within_a_graph_too():
    import tensorflow as tf

    training = Training(
        learning_rate=1.0, schedule="plateau", decay_factor=0.5, decay_epochs=2,
        min_learning_rate=0.2, warmup_epochs=1.0,
    )  # fmt: skip
    plateau = schedules.plateau(training)
    assert (plateau.epochs, plateau.factor) == (2, 0.5)
    optimizer = keras.optimizers.SGD(schedules.build(training, STEPS, plateau))
    rate = tf.function(lambda: optimizer.learning_rate)
    optimizer.iterations.assign(30)
    assert float(rate()) == 1
    plateau.scale.assign(0.5)
    assert float(rate()) == 0.5
    plateau.scale.assign(0.1)
    assert float(rate()) == pytest.approx(0.2)
    optimizer.iterations.assign(1)
    assert float(rate()) == pytest.approx(0.1)  # the warm-up comes below it


def test_other_schedules_know_no_plateau():
    assert schedules.plateau(Training(schedule="step")) is None
