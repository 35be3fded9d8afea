"""Seeded, stratified splits."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from dlcli.errors import DataError

NAMES = {
    "train": "train",
    "training": "train",
    "trn": "train",
    "val": "validation",
    "dev": "validation",
    "valid": "validation",
    "validation": "validation",
    "validate": "validation",
    "test": "test",
    "testing": "test",
    "tst": "test",
    "holdout": "test",
    "eval": "test",
    "evaluation": "test",
}
"""Names of the files and folders of a split, in lower case -> the split."""

# What may stand beside such a word without making another thing of it.
_FILLERS = frozenset(
    {"set", "sets", "data", "dataset", "split", "seg", "the", "my", "all", "final", "folder"}
    | {"image", "images", "img", "imgs", "photo", "photos", "pic", "pics", "picture", "pictures"}
    | {"text", "texts", "file", "files", "sample", "samples", "example", "examples"}
)
_JOINED = re.compile(rf"({'|'.join(NAMES)})({'|'.join(_FILLERS)})")


def of_name(name: str) -> str | None:
    """The split that a file or folder is named after: "Training", "test_set", "seg_train".

    Args:
        name: without a suffix.
    """
    found = in_name(name)
    rest = [word for word in _words(name) if word not in NAMES and not word.isdecimal()]
    return found if all(word in _FILLERS for word in rest) else None


def in_name(name: str) -> str | None:
    """The split whose word stands in a name, whatever else does: "flowers-train"."""
    found = {NAMES[word] for word in _words(name) if word in NAMES}
    return found.pop() if len(found) == 1 else None


def _words(name: str) -> list[str]:
    """The words of a name, in lower case."""
    words = re.findall(r"[^\W\d_]+|\d+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name))
    parts = [_JOINED.fullmatch(word.lower()) or word.lower() for word in words]
    return [each for part in parts for each in ([part] if isinstance(part, str) else part.groups())]


def stratified(
    labels: np.ndarray,
    fraction: float,
    seed: int,
    min_kept: int = 1,
    groups: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Hold out a share of each class; nothing but the arguments decides which.

    Args:
        labels: (num_examples,) integer class indices.
        fraction: share to hold out, between 0 and 1. Whatever it is, every class
            gives up at least one example and keeps at least `min_kept`.
        seed: 0 or more.
        min_kept: 2 if another split is to be cut from what is kept.
        groups: (num_examples,) integers, the same for examples that stay together, such as
            copies of one; then it is groups that a class gives up and keeps. None for none.

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
    if groups is not None and len(np.unique(groups)) < len(groups):
        held_out = _held_out_groups(labels, groups, keys, _quotas(counts, fraction, 1), min_kept)
        return np.flatnonzero(~held_out), np.flatnonzero(held_out)
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
    groups: np.ndarray | None = None,
) -> dict[str, np.ndarray]:
    """The rows of all three splits; those that are not given are cut from train.

    Args:
        rows: split -> (num_examples,) int64 positions in `labels`; "train" at least.
        labels: (num_stored,) class indices; where there are none, all 0.
        test_fraction: share of the rows to cut test from.
        validation_fraction: share of what is left to cut validation from.
        seed: of the cuts.
        groups: (num_stored,) see `stratified`.

    Raises:
        DataError: a class has too few examples.
    """
    complete = dict(rows)
    for split, fraction in (("test", test_fraction), ("validation", validation_fraction)):
        if split not in complete:
            train = complete["train"]
            last_cut = "validation" in complete or split == "validation"
            kept, held_out = stratified(
                labels[train],
                fraction,
                seed,
                min_kept=1 if last_cut else 2,
                groups=None if groups is None else groups[train],
            )
            complete["train"], complete[split] = train[kept], train[held_out]
    return complete


def _held_out_groups(
    labels: np.ndarray, groups: np.ndarray, keys: np.ndarray, quotas: np.ndarray, min_kept: int
) -> np.ndarray:
    """Hold out whole groups, in random order, as long as no class exceeds its quota.

    Args:
        labels: (num_examples,) classes.
        groups: (num_examples,) see `stratified`.
        keys: (num_examples,) random.
        quotas: (num_classes,) examples that each class should give up.
        min_kept: groups that each class keeps.

    Returns:
        bool (num_examples,).
    """
    _, class_of = np.unique(labels, return_inverse=True)
    _, firsts, group_of = np.unique(groups, return_index=True, return_inverse=True)
    members = np.split(np.argsort(group_of, kind="stable"), np.cumsum(np.bincount(group_of))[:-1])
    classes = [np.unique(class_of[each], return_counts=True) for each in members]
    left = np.zeros(len(quotas), np.int64)  # groups that are not held out
    for names, _ in classes:
        left[names] += 1
    if left.min() <= min_kept:
        raise DataError(
            f"class {np.unique(labels)[left.argmin()]} has too few different examples to be "
            f"split: {left.min()}. Expected at least {min_kept + 1}."
        )
    given, chosen = np.zeros(len(quotas), np.int64), np.zeros(len(members), bool)
    order = np.argsort(keys[firsts], kind="stable")
    for is_needed in (False, True):  # at last one of each class, whatever its size
        for place in order:
            names, counts = classes[place]
            fits = (
                (given[names] == 0).any()
                if is_needed
                else (given[names] + counts <= quotas[names]).all()
            )
            if fits and not chosen[place] and (left[names] > min_kept).all():
                chosen[place] = True
                given[names] += counts
                left[names] -= 1
    return chosen[group_of]


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
