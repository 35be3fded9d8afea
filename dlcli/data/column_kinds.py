"""What the columns of a table are, decided from the train split alone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
import polars as pl

from dlcli.errors import DataError
from dlcli.inputs import columns
from dlcli.inputs.columns import Column
from dlcli.inputs.notation import PLAIN, Notation
from dlcli.recipe import overrides

Kind = Literal["number", "category"]

_DATE = (
    r"^(\d{4}[-/.]\d{1,2}([-/.]\d{1,2})?|\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2}))"
    r"([T ]\d{1,2}:\d{2}.*)?$"
)
_MONTH = r"^(19|20)\d\d\.(0[1-9]|1[0-2])$"  # numbers of which all are so are months
_WITH_COMMAS = r"^[-+]?[\d.]*\d(,\d+)*$"
_CLOCK = r"^\d{1,3}:\d{2}(:\d{2})?$"
_DECORATED = r"^[~<>≈±]? ?[-+]?\d[\d.,]* ?\S{0,3}$"  # numbers that are not read, such as 4.5k
_LEADING_ZERO = r"^[-+]?0\d+$"
_MIXED_SHARE = 0.1  # up to this share of other cells, a column of numbers is taken for a faulty one
_LARGEST_MIXED_SHARE = 0.5
_MAX_WORDS = 3  # that mean in one column that there is no value
_MIN_TIMES = 3  # that such a word stands there
_NINES = r"^-?9{2,}$"  # numbers that often mean that there is no value
_MIN_NUMBERS = 20  # different ones; with fewer, a column of numbers and words holds names
_MIN_ROWS = 20  # fewer tell nothing of a relation between two columns
_MIN_ROWS_A_VALUE = 5
_MAX_RANKS_WITHIN = 0.9  # of their variance, in a column that decides a number
_MIN_RANK_CORRELATION = 0.99
_MAX_ERRORS = 0.001  # share of rows that a column which decides the target gets wrong
_MAX_ERRORS_OF_OTHERS = 0.05  # and of the rows that are not of the largest class


def decide(
    train: pl.DataFrame,
    *,
    as_categories: Sequence[str],
    notations: Mapping[str, Notation],
    min_category_count: int,
    max_categories: int,
    missing_values: Sequence[str],
    row_names: Sequence[str],
) -> tuple[dict[str, Column], list[str]]:
    """Tell numbers from categories, and what cannot help.

    Left out with a warning are columns without a value or with a single one, dates, and
    text that hardly ever repeats.

    Args:
        train: the features of the train split.
        as_categories: columns whose numbers are names.
        notations: how numbers are written, of the text columns that hold any.
        min_category_count: rows that a category needs to be told apart.
        row_names: (num_train,) what to call each row in an error.

    Returns:
        Name -> column to use, in their order, without a key and its categories; and the warnings.

    Raises:
        DataError: some cells of a column of numbers are no numbers.
    """
    found: dict[str, Column] = {}
    warnings: list[str] = []
    for series in train:
        kind, notation = _kind(series, series.name in as_categories, notations, row_names)
        if reason := _useless(series, kind, min_category_count):
            warnings.append(f"the column '{series.name}' is left out: {reason}.")
            continue
        if kind == "number":
            values, _ = columns.numbers(series, notation)
            present = values[~np.isnan(values)].astype(np.float64)
            column = Column(
                series.name, "", kind, (), notation, float(present.min()), float(present.max())
            )
            warnings += _of_words(series, notation)
            warnings += _of_nines(series.name, present, missing_values)
        else:
            known, sentence = _told_apart(series, min_category_count, max_categories)
            column = Column(series.name, "", kind, known=known)
            warnings += [sentence] * bool(sentence)
            if series.name not in as_categories and _has_leading_zeros(series):
                warnings.append(
                    f"the numbers of '{series.name}' have leading zeros and are taken for names."
                )
            elif series.name not in as_categories and _is_decorated(series):
                warnings.append(
                    f"the numbers of '{series.name}' are not understood, such as "
                    f"'{series.drop_nulls()[0]}', and are taken for names; write the digits alone "
                    "if they are quantities."
                )
            elif series.dtype == pl.String and series.drop_nulls().str.contains(_CLOCK).all():
                warnings.append(
                    f"the clock times of '{series.name}' are taken for names; add a column of "
                    "numbers, such as minutes, if they help."
                )
        found[series.name] = column
    return found, warnings


def remarks(
    chosen: Sequence[Column],
    values: Mapping[str, np.ndarray],
    targets: np.ndarray,
    *,
    are_classes: bool,
    excluded: Sequence[str],
) -> list[str]:
    """Sentences about columns that help too much: row numbers, and what decides the target.

    Args:
        values: by key, raw examples (num_train,) of the train split.
        targets: (num_train,) class indices, or numbers.
        excluded: columns that the recipe leaves out.
    """
    row_numbers, deciding = [], []
    for column in chosen:
        of_column = values[column.key]
        if column.kind == "number" and _counts_rows(of_column):
            row_numbers.append(column.name)
        elif _decides(of_column, column.kind, targets, are_classes):
            deciding.append(column.name)
    hints = {
        name: overrides.typed("data.exclude", [*excluded, name]) for name in row_numbers + deciding
    }
    return [
        f"the column '{name}' looks like a row number; if it is one, leave it out: {hints[name]}"
        for name in row_numbers
    ] + [
        f"the column '{name}' decides the target by itself. If it will not be known when you "
        f"predict, leave it out: {hints[name]}"
        for name in deciding
    ]


def _kind(
    series: pl.Series,
    as_category: bool,
    notations: Mapping[str, Notation],
    row_names: Sequence[str],
) -> tuple[Kind, Notation]:
    is_text = series.dtype == pl.String
    if as_category or not (is_text or series.dtype.is_numeric()):
        return "category", PLAIN
    notation = notations.get(series.name, PLAIN)
    if is_text and (series.name not in notations or _has_leading_zeros(series)):
        _refuse_commas(series)
        return "category", PLAIN
    values, bad = columns.numbers(series, notation)
    if not len(bad):
        return "number", notation
    as_names = overrides.typed("data.categories", [series.name])
    large = next((row for row in bad if columns.is_too_large(series, row)), None)
    if large is not None:
        raise DataError(
            f"{row_names[large]}: {columns.not_a_number(series, large)}.",
            f"Give the column in another unit, or take its values for names: {as_names}",
        )
    present = len(series) - series.null_count()
    if is_text and (words := _words(series[bad], values, present)):
        return "number", replace(notation, words=words)
    if is_text and len(bad) > _MIXED_SHARE * present:
        _refuse_commas(series)
        return "category", PLAIN
    num_others = len(bad) - 1
    others = f", nor {'is' if num_others == 1 else 'are'} {num_others:,} more" if num_others else ""
    are = f", but the other {present - len(bad):,} are" if present > len(bad) else ""
    raise DataError(
        f"{row_names[bad[0]]}: {columns.not_a_number(series, bad[0])}{others}{are}.",
        "Correct the cells, add what means 'missing' to data.missing_values, or take all for "
        f"names: {as_names}",
    )


def _refuse_commas(series: pl.Series) -> None:
    present = series.drop_nulls()
    if present.is_empty() or not present.str.contains(_WITH_COMMAS).all():
        return
    if present.str.contains(",", literal=True).any():
        raise DataError(
            f"the column '{series.name}' holds numbers written with commas, such as "
            f"'{present.filter(present.str.contains(',', literal=True))[0]}', which are neither "
            "decimal points nor between thousands in all rows.",
            "Write the numbers alike; or take them for names: "
            f"{overrides.typed('data.categories', [series.name])}",
        )


def _has_leading_zeros(series: pl.Series) -> bool:
    """Whether numbers are codes such as 00501, which would lose the zeros; 007.50 is none."""
    if series.dtype != pl.String or not series.str.contains(_LEADING_ZERO).any():
        return False
    return not series.str.contains(r"^[-+]?\d+[.,]\d+$").any()


def _is_decorated(series: pl.Series) -> bool:
    """Whether text is numbers with something around them that is no known unit, each another."""
    if series.dtype != pl.String or series.drop_nulls().n_unique() < _MIN_NUMBERS:
        return False
    present = series.drop_nulls()
    return present.str.contains(_DECORATED).all() and not present.str.contains(_CLOCK).all()


def _may_be_numbers(cells: pl.Series) -> bool:
    """Tell whether text may be numbers, some with a point, in a form not read: 12.5kg."""
    are_numbers = cells.str.contains(r"^\D{0,4}\d[\d.,]*\D{0,4}$").all()
    return are_numbers and bool(cells.str.contains(r"\d[.,]\d").any())


def _words(cells: pl.Series, values: np.ndarray, num_present: int) -> tuple[str, ...]:
    """What means in a column of numbers that there is no value, or nothing."""
    share = len(cells) / num_present
    if share > _LARGEST_MIXED_SHARE:
        return ()
    if share > _MIXED_SHARE and len(np.unique(values[~np.isnan(values)])) < _MIN_NUMBERS:
        return ()
    counts = dict(cells.value_counts(sort=True).iter_rows())
    if len(counts) > _MAX_WORDS:
        return ()
    has_digits = any(character.isdigit() for word in counts for character in word)
    return () if has_digits or min(counts.values()) < _MIN_TIMES else tuple(counts)


def _of_words(series: pl.Series, notation: Notation) -> list[str]:
    if not notation.words:
        return []
    number = int(series.is_in(list(notation.words)).sum())
    words = " or ".join(f"'{word}'" for word in notation.words)
    return [
        f"{words} is read as a missing value in {number:,} rows of '{series.name}', a column of "
        f"numbers. To take all for names: {overrides.typed('data.categories', [series.name])}"
    ]


def _of_nines(name: str, present: np.ndarray, missing_values: Sequence[str]) -> list[str]:
    """What to say of a number such as -9999 that repeats far from all others, or nothing."""
    numbers, counts = np.unique(present, return_counts=True)
    if len(numbers) < _MIN_NUMBERS:
        return []
    for place, others in ((0, numbers[1:]), (-1, numbers[:-1])):
        cell = f"{numbers[place]:.0f}"
        is_far = np.abs(others - numbers[place]).min() > others[-1] - others[0]
        if is_far and counts[place] >= _MIN_TIMES and re.fullmatch(_NINES, cell):
            hint = overrides.typed("data.missing_values", [*missing_values, cell])
            return [
                f"{cell} stands in {counts[place]:,} rows of '{name}', far from its other values. "
                f"If it means that there is none: {hint}"
            ]
    return []


def _told_apart(
    series: pl.Series, min_category_count: int, max_categories: int
) -> tuple[float, str]:
    """The share of the values that are among the categories told apart, and what to say of it."""
    counts = columns.canonical(series).drop_nulls().value_counts()["count"].sort(descending=True)
    common = counts.filter(counts >= min_category_count)
    kept = common.head(max_categories)
    known = float(kept.sum()) / max(float(counts.sum()), 1.0)
    if len(common) <= max_categories:
        return known, ""
    return known, (
        f"{len(kept):,} of the {len(counts):,} categories of '{series.name}' are told apart, in "
        f"{100 * known:.3g} % of the rows; the others are taken for one. For more: "
        f"{overrides.typed('preprocessing.max_categories', len(common))}"
    )


def _useless(series: pl.Series, kind: Kind, min_category_count: int) -> str:
    """Why a column cannot help, or ""."""
    present = series.drop_nulls()
    if present.is_empty():
        return "it has no value in the train split"
    if present.n_unique() == 1 and len(present) == len(series):
        return f"it is always '{present[0]}' in the train split"
    is_text = series.dtype == pl.String
    date = _MONTH if kind == "number" else _DATE
    if series.dtype.is_temporal() or (is_text and present.str.contains(date).all()):
        return (
            "it holds dates or times; add columns of numbers, such as the year, the month or the "
            "hour, if they help"
        )
    if kind == "category":
        counts = columns.canonical(series).drop_nulls().value_counts()["count"]
        if counts.max() < min_category_count:  # type: ignore[operator]
            reason = "its values hardly ever repeat, as in an identifier or a free text"
            if is_text and _may_be_numbers(present):
                reason += (
                    f"; if they are quantities, such as '{present[0]}', write the digits alone"
                )
            return reason
    return ""


def _counts_rows(values: np.ndarray) -> bool:
    """Whether numbers are whole and grow from row to row."""
    values = values.astype(np.float64)
    return bool(
        len(values) >= _MIN_ROWS
        and (values == np.rint(values)).all()
        and (np.diff(values) > 0).all()
    )


def _decides(values: np.ndarray, kind: Kind, targets: np.ndarray, are_classes: bool) -> bool:
    """Whether the target follows from the column, in all rows that have a value."""
    known = ~np.isnan(values) if kind == "number" else values != ""
    num_present = np.count_nonzero(np.bincount(targets[known])) if are_classes else 0
    if known.sum() < _MIN_ROWS or num_present == 1:
        return False
    dtype = None if kind == "number" else pl.String
    frame = pl.DataFrame({"value": pl.Series(values[known], dtype=dtype), "target": targets[known]})
    repeats = len(frame) >= _MIN_ROWS_A_VALUE * frame["value"].n_unique()
    if are_classes:
        # Of each value the commonest class, found by sorting: `mode` takes many times as long.
        by_value = (
            frame.group_by("value", "target")
            .len()
            .sort("len", "target", descending=[True, False])
            .group_by("value")
            .agg(pl.col("target").first(), pl.col("len").first())
        )
        others = len(frame) - int(np.bincount(targets[known]).max())
        errors = len(frame) - int(by_value["len"].sum())
        if errors > min(_MAX_ERRORS * len(frame), _MAX_ERRORS_OF_OTHERS * others):
            return False
        if repeats:
            return True
        if kind == "category" or errors:
            return False
        ordered = by_value.sort("value")["target"].to_numpy()
        return int((np.diff(ordered) != 0).sum()) == num_present - 1  # cut by thresholds
    if not np.var(targets[known]):
        return False
    # A few far values make nearly all of a variance; ranks tell whether the other rows follow too.
    ranked = frame.with_columns(pl.col("target").rank())
    if repeats and _within(frame) <= 1e-4 and _within(ranked) <= _MAX_RANKS_WITHIN:
        return True
    if kind == "category" or frame["value"].n_unique() == 1:
        return False
    return _correlation(frame) > 0.9999 and (
        _correlation(ranked.with_columns(pl.col("value").rank())) > _MIN_RANK_CORRELATION
    )


def _within(frame: pl.DataFrame) -> float:
    """The share of the variance of "target" that is left among rows of one "value"."""
    by_value = frame.group_by("value").agg(
        pl.col("target").var(ddof=0).alias("variance"), pl.len().alias("rows")
    )
    within = float((by_value["variance"] * by_value["rows"]).sum()) / len(frame)
    return within / float(np.var(frame["target"].to_numpy()))


def _correlation(frame: pl.DataFrame) -> float:
    columns = frame["value"].cast(pl.Float64).to_numpy(), frame["target"].to_numpy()
    with np.errstate(all="ignore"):  # the squares of 1e-200 are 0
        return abs(float(np.corrcoef(*columns)[0, 1]))
