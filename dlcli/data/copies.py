"""Copies: examples of the same content, which are no test of what was learned from each other."""

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


def num_different(groups: np.ndarray) -> int:
    """Count the groups of examples (num_examples,)."""
    return int(np.count_nonzero(np.bincount(groups)))


def notes(
    groups: np.ndarray,
    rows: Mapping[str, np.ndarray],
    given: Mapping[str, np.ndarray],
    names: Sequence[str],
    kind: str,
) -> list[str]:
    """Sentences about copies in what splits were cut from, and about those of given splits.

    Args:
        groups: (num_stored,) see `groups`.
        rows: split -> (num_examples,) positions.
        given: the same of the splits as they were before others were cut from train.
        names: (num_stored,) what to call each example.
        kind: what an example is called, such as "row".
    """
    found = []
    num_copies = len(given["train"]) - num_different(groups[given["train"]])
    if num_copies and rows.keys() != given.keys():
        found.append(_on_cut(num_copies, groups, rows, given, kind))
    for split in [split for split in ("test", "validation") if split in given]:
        again = _also_in(given["train"], given[split], groups)
        if len(again):
            same = given["train"][groups[given["train"]] == groups[again[0]]][0]
            found.append(
                f"{_of(again, rows[split], f'{split} {kind}')} also "
                f"{'occurs' if len(again) == 1 else 'occur'} in the training split, so the "
                f"{'result is' if split == 'test' else 'validation figures are'} too optimistic "
                f"(for example, {names[again[0]]} and {names[same]})."
            )
    return found


def _on_cut(
    num_copies: int,
    groups: np.ndarray,
    rows: Mapping[str, np.ndarray],
    given: Mapping[str, np.ndarray],
    kind: str,
) -> str:
    """A sentence about the copies in what splits were cut from."""
    note = f"{_counted(num_copies, kind)} are identical to others"
    if num_copies == 1:
        note = f"1 {kind} is identical to another"
    cut = [split for split in ("test", "validation") if split not in given]
    again = {split: _also_in(rows["train"], rows[split], groups) for split in cut}
    if parted := [
        _of(again[split], rows[split], f"{split} {kind}") for split in cut if len(again[split])
    ]:
        return (
            f"{note}, and copies are not kept in the same split: {' and '.join(parted)} also "
            "occur in the training split."
        )
    note += "; copies are kept in the same split"
    different = num_different(groups[rows["test"]])
    if "test" in cut and different < len(rows["test"]):
        note += f", and the test split holds {different:,} different ones"
    return f"{note}."


def _also_in(train: np.ndarray, others: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Those of the others that have a copy in train."""
    return others[np.isin(groups[others], groups[train])]


def _of(some: np.ndarray, every: np.ndarray, kind: str) -> str:
    return f"{len(some):,} of the {_counted(len(every), kind)}"


def _counted(count: int, kind: str) -> str:
    is_plural = count != 1 and not kind.endswith("s")
    return f"{count:,} {kind}{'s' * is_plural}"
