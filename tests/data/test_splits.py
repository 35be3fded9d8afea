"""Stratified splits."""

import numpy as np
import pytest

from dlcli.data import splits
from dlcli.errors import DataError


def test_the_split_of_a_seed_never_changes() -> None:
    """Another result would let test examples of old runs into the train split of new ones."""
    labels = np.arange(20) % 2
    kept, held_out = splits.stratified(labels, 0.3, seed=0)
    assert held_out.tolist() == GOLDEN
    assert sorted([*kept, *held_out]) == list(range(20))


# dlcli.data.splits.stratified(np.arange(20) % 2, 0.3, seed=0)[1]
GOLDEN = [1, 2, 6, 9, 16, 17]


def test_each_class_gives_up_its_share_and_the_rows_stay_sorted() -> None:
    labels = np.repeat([0, 1, 2], [100, 50, 10])[np.random.default_rng(0).permutation(160)]
    kept, held_out = splits.stratified(labels, 0.2, seed=3)
    assert np.bincount(labels[held_out]).tolist() == [20, 10, 2]
    assert kept.tolist() == sorted(set(range(160)) - set(held_out))
    assert held_out.tolist() == sorted(held_out)
    assert kept.dtype == held_out.dtype == np.int64


def test_the_whole_meets_the_fraction_though_each_class_is_rounded() -> None:
    labels = np.repeat(np.arange(100), 14)  # 1.4 of each
    _, held_out = splits.stratified(labels, 0.1, seed=0)
    assert len(held_out) == 140
    assert set(np.bincount(labels[held_out])) == {1, 2}


@pytest.mark.parametrize("fraction", [0.0001, 0.5, 0.9999])
def test_every_class_is_on_both_sides(fraction: float) -> None:
    labels = np.repeat([0, 5], [2, 1000])
    for side in splits.stratified(labels, fraction, seed=0):
        assert set(labels[side]) == {0, 5}


def test_enough_is_kept_for_another_cut() -> None:
    labels = np.repeat([0, 1], 3)
    kept, _ = splits.stratified(labels, 0.99, seed=0, min_kept=2)
    assert np.bincount(labels[kept]).tolist() == [2, 2]


def test_seeds_and_successive_cuts_differ() -> None:
    labels = np.zeros(1000, int)
    kept, first = splits.stratified(labels, 0.5, seed=0)
    _, other_seed = splits.stratified(labels, 0.5, seed=1)
    _, second = splits.stratified(labels[kept], 0.5, seed=0)
    # Independent halves share about half of their positions.
    assert 200 < len(np.intersect1d(first, other_seed)) < 300
    assert 80 < len(np.intersect1d(first[first < 500], second)) < 170


def test_a_class_that_is_too_small_is_named() -> None:
    with pytest.raises(DataError, match=r"class 7 has too few .*: 1\. Expected at least 2"):
        splits.stratified(np.array([0, 0, 7]), 0.5, seed=0)
    with pytest.raises(DataError, match=r"class 0 has too few .*: 2\. Expected at least 3"):
        splits.stratified(np.array([0, 0, 7, 7, 7]), 0.5, seed=0, min_kept=2)
