"""What the columns of a table are, decided from the train split alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import polars as pl

from dlcli.errors import DataError
from dlcli.inputs import columns

Kind = Literal["number", "category"]

_DATE = (
    r"^(\d{4}[-/.]\d{1,2}([-/.]\d{1,2})?|\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2}))"
    r"([T ]\d{1,2}:\d{2}.*)?$"
)
_WITH_COMMAS = r"^[-+]?[\d.]*\d(,\d+)*$"
_MIXED_SHARE = 0.1  # up to this share of other cells, a column of numbers is taken for a faulty one
_MIN_ROWS = 20  # fewer tell nothing of a relation between two columns
_MIN_ROWS_A_VALUE = 5


def decide(
    train: pl.DataFrame,
    targets: np.ndarray,
    *,
    num_classes: int,
    as_categories: Sequence[str],
    min_category_count: int,
    row_names: Sequence[str],
) -> tuple[dict[str, Kind], list[str]]:
    """Tell numbers from categories, and what cannot help or helps too much.

    Left out with a warning are columns without a value or with a single one, dates, and
    text that hardly ever repeats. Row numbers and columns that decide the target by
    themselves are kept, and warned about.

    Args:
        train: the features of the train split.
        targets: (num_train,) class indices, or numbers.
        num_classes: 0 in a regression.
        as_categories: columns whose numbers are names.
        min_category_count: rows that a category needs to be told apart.
        row_names: (num_train,) what to call each row in an error.

    Returns:
        Name -> kind of the columns to use, in their order; and the warnings.

    Raises:
        DataError: some cells of a column of numbers are no numbers, or all have commas.
    """
    kinds: dict[str, Kind] = {}
    warnings: list[str] = []
    for series in train:
        kind = _kind(series, series.name in as_categories, row_names)
        if reason := _useless(series, kind, min_category_count):
            warnings.append(f"the column '{series.name}' is left out: {reason}.")
            continue
        kinds[series.name] = kind
        if kind == "number" and _counts_rows(series):
            warnings.append(
                f"the column '{series.name}' looks like a row number; if it is one, leave it out: "
                f"'data.exclude=[{series.name}]'."
            )
        elif _decides(series, kind, targets, num_classes):
            warnings.append(
                f"the column '{series.name}' decides the target by itself. If it will not be known "
                f"when you predict, leave it out: 'data.exclude=[{series.name}]'."
            )
    return kinds, warnings


def _kind(series: pl.Series, as_category: bool, row_names: Sequence[str]) -> Kind:
    if as_category or not (series.dtype == pl.String or series.dtype.is_numeric()):
        return "category"
    if series.dtype == pl.String and series.str.contains(r"^[-+]?0\d").any():
        return "category"  # codes such as 00501: a number would lose the zeros
    bad = columns.numbers(series)[1]
    if not len(bad):
        return "number"
    if series.dtype == pl.String and series.drop_nulls().str.contains(_WITH_COMMAS).all():
        raise DataError(
            f"the column '{series.name}' holds numbers written with commas, such as "
            f"'{series[int(bad[0])]}'. Expected a decimal point and nothing between thousands.",
            f"Write the numbers so; or take them for names: 'data.categories=[{series.name}]'.",
        )
    present = len(series) - series.null_count()
    if series.dtype == pl.String and len(bad) > _MIXED_SHARE * present:
        return "category"
    others = f" and {len(bad) - 1:,} more" if len(bad) > 1 else ""
    raise DataError(
        f"{row_names[bad[0]]}: {columns.not_a_number(series, bad[0])}{others}, but the other "
        f"{present - len(bad):,} are.",
        "Correct the cells, add what means 'missing' to data.missing_values, or take all for "
        f"names: 'data.categories=[{series.name}]'.",
    )


def _useless(series: pl.Series, kind: Kind, min_category_count: int) -> str:
    """Why a column cannot help, or ""."""
    present = series.drop_nulls()
    if present.is_empty():
        return "it has no value in the train split"
    if present.n_unique() == 1 and len(present) == len(series):
        return f"it is always '{present[0]}' in the train split"
    is_text = series.dtype == pl.String
    if series.dtype.is_temporal() or (is_text and present.str.contains(_DATE).all()):
        return "it holds dates; add columns of numbers, such as the year or the month, if they help"
    if kind == "category" and present.value_counts()["count"].max() < min_category_count:  # type: ignore[operator]
        return "its values hardly ever repeat, as in an identifier or a free text"
    return ""


def _counts_rows(series: pl.Series) -> bool:
    """Whether the numbers are whole and grow from row to row."""
    values = columns.numbers(series)[0].astype(np.float64)
    return bool(
        len(values) >= _MIN_ROWS
        and (values == np.rint(values)).all()
        and (np.diff(values) > 0).all()
    )


def _decides(series: pl.Series, kind: Kind, targets: np.ndarray, num_classes: int) -> bool:
    """Whether the target follows from the column, in all rows that have a value."""
    known = series.is_not_null().to_numpy()
    num_present = np.count_nonzero(np.bincount(targets[known])) if num_classes else 0
    if known.sum() < _MIN_ROWS or num_present == 1:
        return False
    frame = pl.DataFrame({"value": columns.text(series), "target": targets}).filter(
        pl.Series(known)
    )
    by_value = frame.group_by("value").agg(
        pl.col("target").n_unique().alias("targets"),
        pl.col("target").var(ddof=0).alias("variance"),
        pl.len().alias("rows"),
    )
    repeats = len(frame) >= _MIN_ROWS_A_VALUE * len(by_value)
    if num_classes:
        pure = by_value.filter(pl.col("targets") == 1)["rows"].sum()
        if repeats and pure >= 0.999 * len(frame):
            return True
        if kind == "category":
            return False
        values = columns.numbers(series)[0][known]
        ordered = targets[known][np.lexsort((targets[known], values))]
        return int((np.diff(ordered) != 0).sum()) == num_present - 1  # cut by thresholds
    total = float(np.var(targets[known]))
    within = float((by_value["variance"] * by_value["rows"]).sum()) / len(frame)
    if repeats and within <= 1e-4 * total:
        return True
    if kind == "category":
        return False
    values = columns.numbers(series)[0][known].astype(np.float64)
    if not values.std() or not total:
        return False
    return abs(float(np.corrcoef(values, targets[known])[0, 1])) > 0.9999
