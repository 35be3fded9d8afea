"""Stratified splits."""

import time

import numpy as np
import pytest

from dlcli.data import splits
from dlcli.errors import DataError
from dlcli.recipe.sections.table import Data


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


@pytest.mark.parametrize(
    ("name", "split"),
    [
        *((name, "train") for name in ("train", "Training", "seg_train", "training_set")),
        *((name, "train") for name in ("trainset", "TrainImages", "train-data", "train2017")),
        *((name, "test") for name in ("TEST", "Testing", "seg_test", "test_set", "Test Set")),
        *((name, "validation") for name in ("val", "valid", "dev", "Validation", "val2017")),
        *((name, None) for name in ("train station", "fold_0", "hospital_a", "seg_pred", "cat")),
        *((name, None) for name in ("trainer", "testimony", "value", "train_test", "")),
    ],
)
def test_names_of_splits(name: str, split: str | None) -> None:
    assert splits.of_name(name) == split


def test_a_name_may_hold_the_word_of_a_split() -> None:
    assert splits.in_name("flowers-train") == "train"
    assert splits.of_name("flowers-train") is None


def test_copies_stay_together() -> None:
    labels = np.repeat([0, 1, 2], 100)
    groups = np.arange(300) // 5  # each five times
    for seed in range(5):
        kept, held_out = splits.stratified(labels, 0.2, seed, groups=groups)
        assert not set(groups[kept]) & set(groups[held_out])
        assert np.bincount(labels[held_out]).tolist() == [20, 20, 20]
        assert sorted([*kept, *held_out]) == list(range(300))


def test_copies_in_two_classes_stay_together() -> None:
    labels, groups = np.arange(40) % 2, np.arange(40) // 2
    kept, held_out = splits.stratified(labels, 0.3, seed=0, groups=groups)
    assert not set(groups[kept]) & set(groups[held_out])
    assert np.bincount(labels[held_out]).tolist() == [6, 6]


def test_each_class_gives_up_and_keeps_a_group_whatever_its_size() -> None:
    labels = np.repeat([0, 1], [30, 3])
    groups = np.array([0] * 28 + [1, 2] + [3, 4, 5])
    kept, held_out = splits.stratified(labels, 0.1, seed=0, min_kept=2, groups=groups)
    assert set(labels[kept]) == set(labels[held_out]) == {0, 1}
    assert len(set(groups[kept])) == 4


def test_without_copies_groups_change_nothing() -> None:
    labels = np.arange(20) % 2
    _, held_out = splits.stratified(labels, 0.3, seed=0, groups=np.arange(20))
    assert held_out.tolist() == GOLDEN


def test_copies_are_parted_where_a_class_has_nothing_else() -> None:
    labels, groups = np.array([0, 0, 7, 7]), np.array([0, 1, 2, 2])
    for side in splits.stratified(labels, 0.5, seed=0, groups=groups):
        assert labels[side].tolist() == [0, 7]


def cut(labels: np.ndarray, groups: np.ndarray, **options: bool) -> dict[str, np.ndarray]:
    # A fifth is cut for test, a tenth of the rest for validation, by the seed 0.
    return splits.completed({"train": np.arange(len(labels))}, labels, Data(), groups, **options)


def test_few_copies_change_few_rows() -> None:
    labels, groups = np.arange(1000) % 3, np.arange(1000)
    plain = cut(labels, groups)
    groups[[500, 700, 900]] = [4, 5, 6]
    grouped = cut(labels, groups, may_recur=True)
    assert len(np.setdiff1d(grouped["test"], plain["test"])) <= 6
    assert {name: len(rows) for name, rows in grouped.items()} == {
        "train": 720,
        "test": 200,
        "validation": 80,
    }


def test_classes_and_shares_stay_where_copies_have_several_labels() -> None:
    generator = np.random.default_rng(0)
    groups = generator.integers(0, 300, 1000)
    labels = (generator.random(1000) < 0.1).astype(int)  # whatever the group
    for name, rows in (rows_of := cut(labels, groups, may_recur=True)).items():
        assert not set(groups[rows]) & set(
            np.concatenate([groups[others] for each, others in rows_of.items() if each != name])
        )
        assert 0.05 < labels[rows].mean() < 0.15
    assert len(rows_of["test"]) == pytest.approx(200, abs=5)


def test_rows_that_recur_by_chance_are_cut_as_if_they_differed() -> None:
    labels = np.arange(400) % 2
    groups = np.arange(400) % 6  # six different rows are the whole table
    plain, grouped = cut(labels, np.arange(400)), cut(labels, groups, may_recur=True)
    assert all(np.array_equal(plain[name], grouped[name]) for name in plain)
    assert not set(groups[cut(labels, groups)["test"]]) & set(groups[cut(labels, groups)["train"]])


def test_splits_are_not_blown_up_to_keep_copies_together() -> None:
    labels, groups = np.repeat(np.arange(50), 30), np.arange(1500) // 10  # three rows a class
    assert len(cut(labels, groups)["test"]) == 500
    assert len(cut(labels, groups, may_recur=True)["test"]) == 300


def test_a_million_rows_with_copies_are_cut_at_once() -> None:
    groups = np.random.default_rng(0).integers(0, 700_000, 1_000_000)
    start = time.process_time()
    rows = cut(np.arange(1_000_000) % 2, groups, may_recur=True)
    assert time.process_time() - start < 10  # 1.5 s; a loop over groups takes minutes
    assert len(rows["test"]) == pytest.approx(200_000, abs=10)
