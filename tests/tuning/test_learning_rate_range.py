"""The learning-rate range test: what is made of losses, and that it trains as the recipe does."""

import numpy as np
import pytest

from dlcli.errors import DlcliError, RecipeError
from dlcli.recipe import schema
from dlcli.tuning import learning_rate_range

TINY = ("model.filters=[2]", "model.dense_units=[4]", "training.batch_size=256")
RATES = np.geomspace(1e-6, 10, 200)


def find(*overrides, lowest=1e-4, highest=1.0, num_rates=30):
    return learning_rate_range.find(
        schema.load("digits-cnn", [*TINY, *overrides]),
        lowest=lowest,
        highest=highest,
        num_rates=num_rates,
        events=lambda event: None,
    )


def test_the_suggestion_lies_between_the_steepest_fall_and_a_tenth_of_the_lowest_loss():
    decades = np.log10(RATES)
    losses = 1 + 1 / (1 + np.exp(4 * (decades + 3))) + np.exp(3 * (decades - 0.5))
    noise = np.random.default_rng(0).normal(0, 0.03, len(RATES))
    found = learning_rate_range.judge(RATES, losses + noise)
    assert np.log10(found.steepest) == pytest.approx(-3, abs=0.25)
    assert -2.2 < np.log10(found.at_lowest_loss) < -0.3
    expected = np.sqrt(found.steepest * found.at_lowest_loss / 10)
    assert found.suggestion == pytest.approx(expected, rel=0.05)


@pytest.mark.parametrize("losses", [np.full(200, 2.3), np.geomspace(1, 3, 200)])
def test_a_loss_that_never_falls_gives_no_suggestion(losses):
    assert learning_rate_range.judge(RATES, losses).suggestion is None


def test_a_recipe_is_trained_at_rising_rates_until_it_diverges():
    found = find("training.optimizer=sgd", "training.schedule=one-cycle", highest=1e4)
    assert np.allclose(found.rates[1:] / found.rates[:-1], 1e8 ** (1 / 29))
    assert found.diverged_at > found.rates[-1]
    assert len(found.rates) == len(found.losses) == len(found.smoothed) < 30
    assert np.isfinite(found.losses).all()


def test_it_is_the_same_each_time_and_the_loss_is_that_of_the_step():
    left, right = find(), find()
    assert left.losses.tobytes() == right.losses.tobytes()
    assert len(left.losses) == 30
    # A mean since the start would hardly move from step to step.
    assert np.abs(np.diff(left.losses)).max() > 0.01


def test_accumulated_steps_share_a_rate_and_are_applied():
    found = find("training.gradient_accumulation_steps=2", highest=0.1)
    assert len(found.losses) == 30
    assert found.losses[-1] < found.losses[0] - 0.2


def test_a_range_that_begins_too_high_says_so():
    with pytest.raises(DlcliError, match=r"at the learning rate \d\.\de\+2\d") as raised:
        find("training.optimizer=sgd", lowest=1e20, highest=1e30)
    assert "--lowest" in raised.value.hint


def test_two_networks_against_each_other_have_no_loss_to_go_by():
    loaded = schema.load("digits-gan", ["model.filters=[8, 4]"])
    with pytest.raises(RecipeError, match="the family gan trains two networks"):
        learning_rate_range.find(
            loaded, lowest=1e-4, highest=1.0, num_rates=30, events=lambda event: None
        )
