import keras
import numpy as np
import pytest

from dlcli.explanation import sanity


@pytest.fixture
def core():
    keras.utils.set_random_seed(0)
    return keras.Sequential([keras.Input((20,)), keras.layers.Dense(8), keras.layers.Dense(1)])


INPUTS = np.random.default_rng(0).normal(size=(3, 20))


def test_an_explanation_that_does_not_depend_on_the_weights_is_found_out(core):
    found = sanity.check("edges", lambda number: INPUTS[number], list(INPUTS), core, draws=4)
    assert found.rank_correlation == pytest.approx(1)
    assert (found.verdict, found.num_inputs) == ("does not depend on the weights", 3)


def test_its_opposite_is_found_out_too(core):
    found = sanity.check("edges", lambda number: -INPUTS[number], list(INPUTS), core, draws=4)
    assert found.verdict == "does not depend on the weights"


def test_one_that_depends_on_them_passes_and_the_weights_are_put_back(core):
    before = core.get_weights()

    def weights_times_input(number):
        first, second = core.get_weights()[0], core.get_weights()[2]
        return INPUTS[number] * (first @ second)[:, 0]

    originals = [weights_times_input(number) for number in range(3)]
    found = sanity.check("gradient", weights_times_input, originals, core, draws=4)
    assert found.rank_correlation < sanity.BOUND
    assert found.verdict == "depends on the weights"
    for kept, after in zip(before, core.get_weights(), strict=True):
        assert (kept == after).all()


@pytest.mark.parametrize(
    ("num_alike", "verdict"),
    [(69, "depends on the weights"), (71, "does not depend on the weights")],
)
def test_a_mean_correlation_of_seven_tenths_is_the_bound(core, num_alike, verdict):
    original = np.arange(21.0)
    uncorrelated = np.abs(original - 10)  # falls as far as it rises
    assert sanity.rank_correlation(original, uncorrelated) == pytest.approx(0, abs=1e-12)
    found = sanity.check(
        "mixed",
        lambda number: original if number < num_alike else uncorrelated,
        [original] * 100,
        core,
        draws=1,
    )
    assert found.rank_correlation == pytest.approx(num_alike / 100)
    assert found.verdict == verdict


def test_shuffled_arrays_have_the_same_values(core):
    before = core.get_weights()
    with sanity.shuffled(core, np.random.default_rng(0)):
        after = core.get_weights()
    assert not np.array_equal(before[0], after[0])
    assert np.array_equal(np.sort(before[0], axis=None), np.sort(after[0], axis=None))


def test_few_or_equal_values_are_not_compared(core):
    for originals in ([np.arange(3.0)], [np.zeros(20)]):
        found = sanity.check("any", lambda number: np.arange(3.0), originals, core, draws=4)
        assert (found.verdict, found.rank_correlation) == ("not checked", None)
        assert "fewer than 6 different values" in found.reason


def test_rank_correlation_shares_ranks_among_equals():
    first, second = np.array([1.0, 2, 2, 3]), np.array([10.0, 20, 20, 30])
    assert sanity.rank_correlation(first, second) == pytest.approx(1)
    # scipy.stats.spearmanr([1, 2, 2, 3], [1, 2, 3, 0]).statistic
    assert sanity.rank_correlation(first, np.array([1.0, 2, 3, 0])) == pytest.approx(-0.316227766)
    assert sanity.rank_correlation(first, np.ones(4)) == 0


def test_a_network_that_the_shuffle_leaves_dead_proves_nothing(core):
    """Explanations of a dead network are constant: their correlation of 0 is no evidence."""
    found = sanity.check("dead", lambda number: np.zeros(20), list(INPUTS), core, draws=4)
    assert (found.verdict, found.rank_correlation, found.num_draws) == ("not checked", None, 0)
    assert "one answer to all inputs" in found.reason


def test_dead_draws_are_drawn_again(core):
    calls = iter(range(1000))

    def explain(number):  # every second shuffle leaves nothing but rounding errors
        return INPUTS[number] * (1e-9 if next(calls) // 3 % 2 else 1.0)

    found = sanity.check("edges", explain, list(INPUTS), core, draws=4)
    assert found.verdict == "does not depend on the weights"
    assert (found.rank_correlation, found.num_draws) == (pytest.approx(1), 4)
