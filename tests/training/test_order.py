"""The order of examples and their draws are functions of (seed, epoch, example)."""

import numpy as np

from dlcli.training import order


def test_permutation_holds_every_position_once():
    assert sorted(order.permutation(3, 1, 100)) == list(range(100))


def test_permutation_differs_by_seed_and_by_epoch():
    first = order.permutation(0, 0, 100).tolist()
    assert first == order.permutation(0, 0, 100).tolist()
    assert first != order.permutation(0, 1, 100).tolist()
    assert first != order.permutation(1, 0, 100).tolist()
    assert order.permutation(0, 1, 100).tolist() != order.permutation(1, 0, 100).tolist()


def test_permutation_never_changes_between_versions():
    # Golden: a run that is resumed by a later version must see the same order.
    assert order.permutation(7, 2, 8).tolist() == [4, 1, 3, 7, 6, 2, 0, 5]


def test_draws_do_not_depend_on_how_the_batch_is_cut():
    positions = np.arange(1000)
    whole = order.uniform(0, 3, positions, 4)
    parts = np.concatenate([order.uniform(0, 3, part, 4) for part in np.split(positions, 8)])
    assert np.array_equal(whole, parts)


def test_draws_are_uniform_and_independent():
    draws = order.uniform(5, 0, np.arange(100_000), 4).astype(np.float64)
    assert draws.min() >= 0
    assert draws.max() < 1
    counts = np.stack([np.histogram(draws[:, k], 20, (0, 1))[0] for k in range(4)])
    # 20 bins of 5,000: a chi-squared of 19 degrees above 60 has a chance below 1e-5.
    assert (((counts - 5000) ** 2 / 5000).sum(axis=1) < 60).all()
    correlation = np.corrcoef(draws, rowvar=False) - np.eye(4)
    assert np.abs(correlation).max() < 0.02
    next_epoch = order.uniform(5, 1, np.arange(100_000), 4)
    assert abs(np.corrcoef(draws[:, 0], next_epoch[:, 0])[0, 1]) < 0.02
    neighbours = np.corrcoef(draws[:-1, 0], draws[1:, 0])[0, 1]
    assert abs(neighbours) < 0.02
