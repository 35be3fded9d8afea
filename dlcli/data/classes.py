"""Classes out of a column of labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from dlcli.errors import DataError
from dlcli.inputs import columns
from dlcli.recipe import overrides
from dlcli.recipe.sections.section import MISSING_VALUES

_MAX_CLASSES = 1000
_MOST_SHOWN = 3
# Of the words for a missing value, those that a class may be called.
_NAMES = ("None", "NA", "N/A", "null", "NULL")
IGNORE = "ignore"


def indices(series: pl.Series, class_names: Sequence[str], case: str = "keep") -> np.ndarray:
    """The position of each value among the class names, int32; -1 for any other, or none.

    Args:
        series: labels in any spelling, see `dlcli.inputs.columns.canonical`.
        case: "ignore" takes labels that differ in case alone for one.
    """
    known: Sequence[str] = class_names
    if case == IGNORE:
        written = _forms(series, case)
        known = _forms(pl.Series(class_names, dtype=pl.String), case).to_list()
    else:
        written = columns.spelled(series, class_names)
    positions = {name: position for position, name in enumerate(known)}
    return written.replace_strict(positions, default=-1, return_dtype=pl.Int32).to_numpy()


def names(
    series: pl.Series,
    given: Mapping[str, np.ndarray],
    shown: str,
    task_if_number: str = "",
    case: str = "keep",
) -> tuple[str, ...]:
    """The classes of the train split: numbers in their order, text by the alphabet.

    A class that is spelled in several ways has the name that is the most frequent in train.

    Args:
        series: the labels of all splits.
        given: split -> (num_examples,) int64 positions in them.
        task_if_number: the task to choose if the labels are no classes but a number, or "".

    Raises:
        DataError: fewer than two or far too many, or another split has one more.
    """
    forms = _forms(series, case)
    of_split = {split: set(forms[rows].drop_nulls()) for split, rows in given.items()}
    train = series[given["train"]]
    spellings = columns.spellings(train, _forms(train, case))
    found = of_split["train"]
    if len(found) < 2:
        raise DataError(
            f"the target '{series.name}' of {shown} has one value only, '{next(iter(found))}'. "
            "Expected two classes or more."
        )
    is_numeric = not len(columns.numbers(train)[1])
    if len(found) > _MAX_CLASSES:
        raise DataError(
            f"the target '{series.name}' of {shown} has {len(found):,} different values. "
            f"Expected at most {_MAX_CLASSES:,} classes.",
            f"To predict a number: task={task_if_number}" if is_numeric and task_if_number else "",
        )
    for split, others in of_split.items():
        if unknown := sorted(others - found):
            raise DataError(
                f"the {split} split of {shown} holds the class '{unknown[0]}', which the train "
                "split lacks.",
                "Correct the label, or add rows of that class to train.",
            )
    ordered = sorted((each[0] for each in spellings.values()), key=_number if is_numeric else None)
    return tuple(ordered)


def remarks(series: pl.Series, case: str = "keep", has_key: bool = True) -> list[str]:
    """Sentences about labels that are one class in several spellings, or several in case alone.

    Args:
        series: the labels of the train split.
        has_key: whether the recipe has the key `data.label_case`.
    """
    found = []
    spellings = columns.spellings(series, _forms(series, case))
    if several := [each for each in spellings.values() if len(each) > 1]:
        found.append(f"{_listed(several[0])} of '{series.name}' are one class, '{several[0][0]}'.")
    if case != IGNORE:
        folded: dict[str, list[str]] = {}
        for form, each in spellings.items():
            folded.setdefault(form.lower(), []).append(each[0])
        if alike := [each for each in folded.values() if len(each) > 1]:
            note = f"{_listed(alike[0])} are classes of their own."
            if has_key:
                note += (
                    f" To take labels of '{series.name}' that differ in case alone for one: "
                    f"{overrides.typed('data.label_case', IGNORE)}"
                )
            found.append(note)
    return found


def _forms(series: pl.Series, case: str) -> pl.Series:
    forms = columns.canonical(series)
    return forms.str.to_lowercase() if case == IGNORE else forms


def _number(label: str) -> float:
    return float(columns.numbers(pl.Series([label]))[0][0])


def _listed(names: Sequence[str]) -> str:
    shown = [f"'{name}'" for name in names[:_MOST_SHOWN]]
    return f"{', '.join(shown[:-1])} and {shown[-1]}"


def words_for_classes(cells: pl.Series, marks: Sequence[str]) -> list[str]:
    """Words for a missing value that name a class: None, NA, null.

    In a column of labels such a word is a class if it stands in at least as many rows as the
    rarest other class, and does not mark what is missing elsewhere.

    Args:
        cells: labels as they were read, text.
        marks: words that mark it.
    """
    counts = dict(columns.plain_text(cells).drop_nulls().value_counts().iter_rows())
    others = [each for label, each in counts.items() if label not in MISSING_VALUES]
    least = min(others) if len(others) > 1 else 1  # one class alone is no classification
    return [word for word in _NAMES if word not in marks and counts.get(word, 0) >= least]
