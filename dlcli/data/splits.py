"""Seeded, stratified splits."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

import numpy as np

from dlcli.errors import DataError

if TYPE_CHECKING:
    from dlcli.recipe.sections import section

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
        min_kept: 2 if another split is to be cut from what is kept.
        groups: (num_examples,) integers from 0, the same for examples that stay together,
            such as copies of one; then it is groups that a class gives up and keeps. None, or
            a class of too few groups: each example for itself.

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
    if groups is not None and np.bincount(groups).max() > 1:
        held_out = _held_out_groups(labels, groups, keys, fraction, min_kept)
        if held_out is not None:
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
    data: section.Split,
    groups: np.ndarray | None = None,
    may_recur: bool = False,
) -> dict[str, np.ndarray]:
    """The rows of all three splits; those that are not given are cut from train.

    Args:
        rows: split -> (num_examples,) int64 positions in `labels`; "train" at least.
        labels: (num_stored,) class indices; where there are none, all 0.
        data: the shares of test and, of what is left, of validation; the seed of the cuts; and
            whether groups are kept together.
        groups: (num_stored,) see `stratified`.
        may_recur: whether different examples may happen to be equal, as rows of few columns
            do. Then groups stay together only where that leaves the splits much as they are.

    Raises:
        DataError: a class has too few examples.
    """
    if groups is not None and data.copies == "apart":
        groups = None
    if groups is not None and may_recur:
        plain, grouped = completed(rows, labels, data), completed(rows, labels, data, groups)
        names = plain.keys() - rows.keys()
        return grouped if _is_near(grouped, plain, names, groups[rows["train"]]) else plain
    complete = dict(rows)
    shares = {"test": data.test_fraction, "validation": data.validation_fraction}
    for split, fraction in shares.items():
        if split not in complete:
            train = complete["train"]
            last_cut = "validation" in complete or split == "validation"
            kept, held_out = stratified(
                labels[train],
                fraction,
                data.split_seed,
                min_kept=1 if last_cut else 2,
                groups=None if groups is None else groups[train],
            )
            complete["train"], complete[split] = train[kept], train[held_out]
    return complete


def _held_out_groups(
    labels: np.ndarray, groups: np.ndarray, keys: np.ndarray, fraction: float, min_kept: int
) -> np.ndarray | None:
    """Hold out whole groups, in random order, those that still fit into the share of a class.

    A group of several classes counts for the rarest of them.

    Args:
        labels: (num_examples,) classes.
        groups: (num_examples,) see `stratified`.
        keys: (num_examples,) random.
        min_kept: groups that each class keeps; it gives up one, whatever its size.

    Returns:
        bool (num_examples,); None where a class has too few groups.
    """
    _, class_of, class_sizes = np.unique(labels, return_inverse=True, return_counts=True)
    sizes = np.bincount(groups)
    group_of = (np.cumsum(sizes > 0) - 1)[groups]
    sizes = sizes[sizes > 0]
    rarest_last = np.argsort(-class_sizes[class_of], kind="stable")
    examples = np.empty(len(sizes), np.int64)  # one of each group
    examples[group_of[rarest_last]] = rarest_last  # of several, the last one stays
    order = np.lexsort((keys[examples], class_of[examples]))  # class by class, in random order
    _, starts, counts = np.unique(class_of[examples[order]], return_index=True, return_counts=True)
    if counts.min() <= min_kept:
        return None
    quotas = _quotas(np.add.reduceat(sizes[order], starts), fraction, 1)
    chosen = np.zeros(len(sizes), bool)
    for start, count, quota in zip(starts, counts, quotas, strict=True):
        of_class = order[start : start + count]
        fitting = _fitting(sizes[of_class], quota)[: count - min_kept]
        chosen[of_class[fitting if len(fitting) else sizes[of_class].argmin()]] = True
    held_out = chosen[group_of]
    given = np.bincount(class_of[held_out], minlength=len(class_sizes))
    return held_out if given.min() >= 1 and (class_sizes - given).min() >= min_kept else None


def _fitting(sizes: np.ndarray, quota: int) -> np.ndarray:
    """Positions, in order, of the groups to take: each that the earlier ones leave room for."""
    taken = np.zeros(len(sizes), bool)
    places = np.arange(len(sizes))
    while len(places := places[sizes[places] <= quota]):
        fits = np.cumsum(sizes[places]) <= quota
        taken[places[fits]] = True
        quota -= int(sizes[places[fits]].sum())
        places = places[~fits]
    return np.flatnonzero(taken)


def _is_near(
    grouped: Mapping[str, np.ndarray],
    plain: Mapping[str, np.ndarray],
    cut: Collection[str],
    groups: np.ndarray,
) -> bool:
    """Tell whether splits are sound though groups stay together.

    They are not where an example is, on average, equal to so many others that they would be half
    of a split, as in a table of few different rows; nor where a split has less than half or more
    than one and a half times the examples that it should have.

    Args:
        grouped, plain: split -> its rows, with groups and without.
        cut: the splits that were not given.
        groups: (num_examples,) of all that the splits were cut from.
    """
    sizes = np.bincount(groups)
    num_equal = (sizes.astype(np.float64) ** 2).sum() / len(groups) - 1
    return all(
        max(num_equal, abs(len(grouped[split]) - len(plain[split]))) <= len(plain[split]) / 2
        for split in cut
    )


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
