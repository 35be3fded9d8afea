"""Copies: examples of the same content, which are no test of what was learned from the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl


def groups(contents: pl.DataFrame) -> np.ndarray:
    """Number examples so that copies have the same number.

    Args:
        contents: (num_examples, num_columns) all that a model could tell them apart by.

    Returns:
        int64 (num_examples,), the position of the first example of the same content.
    """
    hashes = contents.hash_rows().to_numpy()
    ordered = np.sort(hashes)
    if not (ordered[1:] == ordered[:-1]).any():
        return np.arange(len(hashes))
    _, firsts, places = np.unique(hashes, return_index=True, return_inverse=True)
    return firsts[places]


def notes(
    groups: np.ndarray,
    rows: Mapping[str, np.ndarray],
    given: Mapping[str, np.ndarray],
    names: Sequence[str],
    kind: str,
) -> list[str]:
    """Sentences about copies in what splits were cut from, and about those in two splits.

    Args:
        groups: (num_stored,) see `groups`.
        rows: split -> (num_examples,) positions.
        given: the same of the splits as they were before others were cut from train.
        names: (num_stored,) what to call each example.
        kind: what an example is called, such as "row".
    """
    overlaps, is_parted = [], False
    for split in ("test", "validation"):
        train = (given if split in given else rows)["train"]
        twice = rows[split][np.isin(groups[rows[split]], groups[train])]
        if len(twice):
            is_parted |= split not in given
            same = train[groups[train] == groups[twice[0]]][0]
            overlaps.append(
                f"{len(twice):,} of the {_counted(len(rows[split]), f'{split} {kind}')} also "
                f"occur{'s' * (len(twice) == 1)} in the training split, so the "
                f"{'result is' if split == 'test' else 'validation figures are'} too optimistic "
                f"(for example, {names[twice[0]]} and {names[same]})."
            )
    num_copies = len(given["train"]) - len(np.unique(groups[given["train"]]))
    if not num_copies or rows.keys() == given.keys():
        return overlaps
    note = f"{_counted(num_copies, kind)} {'is' if num_copies == 1 else 'are'} identical to others"
    if not is_parted:
        note += "; copies are kept in the same split"
        num_different = len(np.unique(groups[rows["test"]]))
        if "test" not in given and num_different < len(rows["test"]):
            note += f", and the test split holds {num_different:,} different ones"
    return [f"{note}.", *overlaps]


def _counted(count: int, kind: str) -> str:
    is_plural = count != 1 and not kind.endswith("s")
    return f"{count:,} {kind}{'s' * is_plural}"
