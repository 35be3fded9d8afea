"""Seeded, stratified splits."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from dlcli.errors import DataError

NAMES = {
    "train": "train",
    "val": "validation",
    "dev": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
}
"""Names of the files and folders of a split, in lower case -> the split."""


def stratified(
    labels: np.ndarray, fraction: float, seed: int, min_kept: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """Hold out a share of each class; nothing but the arguments decides which.

    Args:
        labels: (num_examples,) integer class indices.
        fraction: share to hold out, between 0 and 1. Whatever it is, every class
            gives up at least one example and keeps at least `min_kept`.
        seed: 0 or more.
        min_kept: 2 if another split is to be cut from what is kept.

    Returns:
        Positions kept and positions held out, both int64 and ascending.

    Raises:
        DataError: a class has `min_kept` examples or fewer.
    """
    classes, counts = np.unique(labels, return_counts=True)
    if len(classes) and counts.min() <= min_kept:
        raise DataError(
            f"class {classes[counts.argmin()]} has too few examples to be split: "
            f"{counts.min()}. Expected at least {min_kept + 1}."
        )
    # The raw stream and SeedSequence are promised to stay as they are from one NumPy to
    # the next, the methods of a Generator are not. The length sets a second cut, of
    # what the first one kept, apart from the first.
    keys = np.random.PCG64(np.random.SeedSequence([seed, len(labels)])).random_raw(len(labels))
    order = np.lexsort((keys, labels))  # class by class, each in random order
    held_out = np.zeros(len(labels), bool)
    starts = np.cumsum(counts) - counts
    for start, quota in zip(starts, _quotas(counts, fraction, min_kept), strict=True):
        held_out[order[start : start + quota]] = True
    return np.flatnonzero(~held_out), np.flatnonzero(held_out)


def completed(
    rows: Mapping[str, np.ndarray],
    labels: np.ndarray,
    *,
    test_fraction: float,
    validation_fraction: float,
    seed: int,
) -> dict[str, np.ndarray]:
    """The rows of all three splits; those that are not given are cut from train.

    Args:
        rows: split -> (num_examples,) int64 positions in `labels`; "train" at least.
        labels: (num_stored,) class indices; where there are none, all 0.
        test_fraction: share of the rows to cut test from.
        validation_fraction: share of what is left to cut validation from.
        seed: of the cuts.

    Raises:
        DataError: a class has too few examples.
    """
    complete = dict(rows)
    for split, fraction in (("test", test_fraction), ("validation", validation_fraction)):
        if split not in complete:
            train = complete["train"]
            last_cut = "validation" in complete or split == "validation"
            kept, held_out = stratified(
                labels[train], fraction, seed, min_kept=1 if last_cut else 2
            )
            complete["train"], complete[split] = train[kept], train[held_out]
    return complete


def _quotas(counts: np.ndarray, fraction: float, min_kept: int) -> np.ndarray:
    """How many examples each class gives up: by largest remainder, within the bounds."""
    exact = counts * fraction
    quotas = np.clip(exact.astype(np.int64), 1, counts - min_kept)
    missing = round(counts.sum() * fraction) - quotas.sum()
    for index in np.argsort(quotas - exact, kind="stable"):
        if missing > 0 and quotas[index] < counts[index] - min_kept:
            quotas[index] += 1
            missing -= 1
    return quotas
