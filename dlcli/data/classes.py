"""Classes out of a column of labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from dlcli.errors import DataError
from dlcli.inputs import columns

_MAX_CLASSES = 1000


def indices(series: pl.Series, class_names: Sequence[str]) -> np.ndarray:
    """The position of each value among the class names, int32; -1 for any other, or none."""
    positions = {name: position for position, name in enumerate(class_names)}
    return np.array([positions.get(value, -1) for value in columns.text(series)], np.int32)


def names(
    series: pl.Series, given: Mapping[str, np.ndarray], shown: str, hint_if_number: str = ""
) -> tuple[str, ...]:
    """The classes of the train split: numbers in their order, text by the alphabet.

    Args:
        series: the labels of all splits.
        given: split -> (num_examples,) int64 positions in them.
        shown: what to call the data in an error.
        hint_if_number: what to do if the labels are no classes but a number.

    Raises:
        DataError: fewer than two or far too many, or another split has one more.
    """
    texts = columns.text(series)
    of_split = {split: set(texts[rows]) for split, rows in given.items()}
    found = of_split["train"]
    if len(found) < 2:
        raise DataError(
            f"the target '{series.name}' of {shown} has one value only, '{next(iter(found))}'. "
            "Expected two classes or more."
        )
    is_numeric = not len(columns.numbers(series)[1])
    if len(found) > _MAX_CLASSES:
        raise DataError(
            f"the target '{series.name}' of {shown} has {len(found):,} different values. "
            f"Expected at most {_MAX_CLASSES:,} classes.",
            hint_if_number if is_numeric else "",
        )
    for split, others in of_split.items():
        if unknown := sorted(others - found):
            raise DataError(
                f"the {split} split of {shown} holds the class '{unknown[0]}', which the train "
                "split lacks.",
                "Correct the label, or add rows of that class to train.",
            )
    return tuple(sorted(found, key=float) if is_numeric else sorted(found))


def require_enough(
    targets: np.ndarray,
    class_names: Sequence[str],
    needed: int,
    *,
    label: str,
    shown: str,
    hint_if_number: str = "",
) -> None:
    """Check that the splits that are cut from train can all have examples of every class.

    Args:
        targets: (num_train,) class indices.
        needed: examples of each class.
        label: the column of the classes.
        shown, hint_if_number: see `names`.

    Raises:
        DataError: a class has fewer.
    """
    counts = np.bincount(targets, minlength=len(class_names))
    fewest = int(counts.argmin())
    if counts[fewest] < needed:
        too_many = len(class_names) > 20 and hint_if_number
        raise DataError(
            f"too few rows with {label} = '{class_names[fewest]}' in {shown}: "
            f"{counts[fewest]}. Expected at least {needed}, one for each split that is made "
            "of them.",
            hint_if_number if too_many else "Add rows of that class, or leave it out of the file.",
        )


def unfit(series: pl.Series, row: int, class_names: Sequence[str]) -> str:
    """What to say of a label that is none of a model's classes."""
    value = series[row]
    if value is None:
        return f"'{series.name}' is missing"
    shown = columns.names_shown(class_names)
    return f"'{series.name}' is '{value}', which is none of the model's classes: {shown}"
