"""From a table to a data set: which column is predicted, from which, and in which split."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from dlcli import kinds
from dlcli.data import DataSet, DataSpec, Splits, classes, column_kinds, copies, splits, targets
from dlcli.errors import DataError
from dlcli.inputs import affine, cells, columns, notation
from dlcli.inputs.affine import Affines
from dlcli.inputs.columns import Column
from dlcli.inputs.notation import PLAIN
from dlcli.recipe import overrides
from dlcli.recipe.sections.section import MISSING_VALUES
from dlcli.recipe.sections.table import Data, Preprocessing

_DEFAULT_TARGETS = ("target", "label")
_SEPARATORS = "data.separator=comma, semicolon, tab, pipe or space"
# What no input may be called: names of the layers of an end-to-end model, keys by which Keras
# knows an object of its own in a dictionary, and parameters of the functions that TensorFlow makes.
_RESERVED = (
    *("preprocessor", "core", "numeric"),
    *("class_name", "config", "registered_name", "module", "build_config", "compile_config"),
    *("self", "args", "kwargs"),
)


@dataclass(frozen=True)
class Table:
    """A table that was read.

    Args:
        frame: what `dlcli.inputs.tables.read` gives where only what is empty is missing.
        row_names: (num_rows,) what to call each row.
        given: split -> (num_examples,) int64 rows, of the splits that are given.
        target: the column to predict if the recipe names none, or "".
        semicolons: whether they stand between the cells of the file.
    """

    frame: pl.DataFrame
    shown: str
    row_names: Sequence[str]
    given: Mapping[str, np.ndarray]
    target: str = ""
    semicolons: bool = False


def dataset(table: Table, task: str, data: Data, preprocessing: Preprocessing) -> DataSet:
    """Make a data set of a table.

    Splits that are not given are cut from train: by class where there are some, else at
    random. The kinds of the columns are decided from the train split alone.

    Args:
        table: rows without a target are left out.

    Raises:
        DataError: a column is missing, or values do not fit.
    """
    target = target_name(data.target or table.target, table.frame.columns, table.shown)
    features = _feature_names(table, target, data)
    frame = cells.cleaned(table.frame, data.missing_values)
    has_classes = kinds.output_of(task).has_classes
    series = frame[target]
    warnings: list[str] = []
    inferred: dict[str, tuple[str, ...]] = {}
    if has_classes:
        series, warnings, inferred = _labels(table, frame, target, data)
    known = series.is_not_null().to_numpy()
    given, notes = targets.with_target(known, table.given, target, table.shown)
    warnings += notes

    written = PLAIN
    if not has_classes:
        found = _notations(frame[given["train"]], [target], table, data)
        warnings += found.notes
        written = found.notations.get(target, PLAIN)
    of_output = targets.of(task)
    column = targets.Column(series, table.shown, task, data.label_case, written, table.row_names)
    fitted = of_output.fit(column, given)
    warnings += fitted.notes
    # One example for train and one for each split cut from it.
    of_output.require_enough(fitted, given["train"], 4 - len(given), column)
    strata = of_output.strata(fitted.targets)
    rows = splits.completed(given, strata, data)
    read = _features(table, frame, features, target, rows["train"], data, preprocessing)
    groups = read.groups()
    is_cut = len(given) < len(rows) and data.copies == "together"
    if is_cut and copies.num_different(groups) < len(groups):
        rows = splits.completed(given, strata, data, groups, may_recur=True)
        read = _features(table, frame, features, target, rows["train"], data, preprocessing)
        groups = read.groups()
    train, chosen, raw, errors = rows["train"], read.columns, read.values, read.errors
    warnings += read.notes
    warnings += column_kinds.remarks(
        chosen,
        {key: values[train] for key, values in raw.items()},
        strata[train] if has_classes else fitted.targets[train],
        are_classes=has_classes,
        excluded=data.exclude,
    )
    warnings += copies.notes(groups, rows, given, table.row_names, "row")
    affines = _affines(raw, chosen, fitted.targets, target, train)
    examples = affines.stored(raw)
    used = np.sort(np.concatenate(list(rows.values())))
    for row in sorted(errors.keys() & set(used.tolist())):
        raise DataError(
            f"{table.row_names[row]}: {errors[row]}, but all of the train split are.",
            "Correct it, or add what means 'missing' to data.missing_values.",
        )
    warnings += [affines.sentence()] if affines else []
    mean, std = 0.0, 1.0
    if not affines.outputs:
        mean, std = of_output.scale(fitted.targets[train])
    if preprocessing.missing == "fail":
        _check_complete(examples, chosen, used, table)
    return DataSet(
        Splits.of(examples, fitted.targets, rows, table.row_names, affines),
        DataSpec(
            input_shape=(),
            input_dtype="",
            class_names=fitted.class_names,
            # Of what float32 holds, so that it is that of dlcli 0.1.
            fingerprint=_fingerprint(
                examples, fitted.targets if affines.outputs else affine.narrow(fitted.targets)
            ),
            columns=chosen,
            target=target,
            target_notation=None if written.is_plain else written,
            target_mean=mean,
            target_std=std,
            affines=affines,
            warnings=tuple(warnings),
            inferred={**read.inferred, **inferred},
        ),
    )


def _labels(
    table: Table, frame: pl.DataFrame, target: str, data: Data
) -> tuple[pl.Series, list[str], dict[str, tuple[str, ...]]]:
    """The column of labels, in which None, NA or null may be the name of a class.

    Args:
        frame: the same without what is missing.

    Returns:
        The labels, sentences about such words, and `missing_labels` of the recipe.
    """
    labels = table.frame[target]
    lost = labels.filter(frame[target].is_null() & labels.is_not_null()).unique()
    if labels.dtype != pl.String or (lost.is_empty() and data.missing_labels == "auto"):
        return frame[target], [], {}
    if data.missing_labels != "auto":
        return labels.set(labels.is_in(list(data.missing_labels)), None), [], {}
    own = data.missing_values if data.missing_values != MISSING_VALUES else ()
    marks = [*own, *_marks(table.frame, frame.drop(target))]
    names = [word for word in classes.words_for_classes(labels, marks) if word in lost]
    missing = sorted(set(lost) - set(names))
    sentences = []
    if names:
        hint = overrides.typed("data.missing_labels", ["", *missing, *names])
        sentences.append(
            f"{_quoted(names)} in '{target}' is taken for the name of a class. If it means that "
            f"there is no label: {hint}"
        )
    if missing:
        hint = overrides.typed("data.missing_labels", [""])
        sentences.append(
            f"{_quoted(missing)} in '{target}' is read as a missing label. If it is the name of a "
            f"class: {hint}"
        )
    labels = labels.zip_with(labels.is_in(names).fill_null(False), frame[target])
    return labels, sentences, {"missing_labels": ("", *missing)}


def _marks(frame: pl.DataFrame, cleaned: pl.DataFrame) -> Iterator[str]:
    """The words for a missing value that stand in columns of numbers."""
    for series in cleaned:
        lost = frame[series.name].filter(series.is_null()).drop_nulls()
        is_text = lost.dtype == pl.String and series.null_count() < len(series)
        if is_text and len(lost) and not len(columns.numbers(series)[1]):
            yield from lost.unique()


def _quoted(words: Sequence[str]) -> str:
    return " or ".join(f"'{word}'" for word in words)


@dataclass(frozen=True)
class _Features:
    """The columns that a model reads, as a train split tells them.

    Args:
        values: raw examples by key, of all rows.
        errors: what is wrong with a row, by its position.
        inferred: how numbers are written, as keys of the recipe.
    """

    columns: tuple[Column, ...]
    values: dict[str, np.ndarray]
    errors: Mapping[int, str]
    notes: tuple[str, ...]
    inferred: Mapping[str, str]

    def groups(self) -> np.ndarray:
        """See `copies.groups`."""
        return copies.groups(
            pl.DataFrame(
                [
                    pl.Series(key, values, pl.String if values.dtype == object else None)
                    for key, values in self.values.items()
                ]
            )
        )


def _features(
    table: Table,
    frame: pl.DataFrame,
    names: Sequence[str],
    target: str,
    train: np.ndarray,
    data: Data,
    preprocessing: Preprocessing,
) -> _Features:
    """Choose the columns by the train split, and read them in all rows.

    Args:
        frame: the same without what is missing.

    Raises:
        DataError: no column is of use, or one is not what it seems.
    """
    found = _notations(frame[train], names, table, data)
    chosen_by_name, notes = column_kinds.decide(
        frame.select(names)[train],
        as_categories=data.categories,
        notations=found.notations,
        min_category_count=preprocessing.min_category_count,
        max_categories=preprocessing.max_categories,
        missing_values=data.missing_values,
        row_names=[table.row_names[row] for row in train],
    )
    if not chosen_by_name:
        reasons = "; ".join(note.removesuffix(".") for note in notes)
        raise DataError(
            f"{table.shown} has no column to predict '{target}' from: {reasons}.",
            "Give a table with a column of numbers, or of categories that repeat.",
        )
    keys = columns.keys(list(chosen_by_name), _RESERVED)
    chosen = tuple(
        replace(column, key=key) for column, key in zip(chosen_by_name.values(), keys, strict=True)
    )
    # Categories have the names that are the commonest in the train split.
    as_written = [
        replace(column, categories=_names(frame[column.name][train]))
        if column.kind == "category"
        else column
        for column in chosen
    ]
    values, errors = columns.raw(frame, as_written, table.shown)
    return _Features(chosen, values, errors, (*found.notes, *notes), found.inferred)


def _notations(
    train: pl.DataFrame, wanted: Sequence[str], table: Table, data: Data
) -> notation.Found:
    """How numbers are written in the text columns of a table; all of them tell it."""
    return notation.infer(
        [series for series in train if series.dtype == pl.String],
        decimal=data.decimal,
        thousands=data.thousands,
        units=data.units,
        reported=[name for name in wanted if name not in data.categories],
        semicolons=table.semicolons,
        or_names=True,
    )


def _names(series: pl.Series) -> tuple[str, ...]:
    return tuple(each[0] for each in columns.spellings(series).values())


def target_name(chosen: str, names: Sequence[str], shown: str) -> str:
    """The column to predict.

    Args:
        chosen: as the recipe or the data set names it, or "".

    Raises:
        DataError: it is not there, or none is named.
    """
    if chosen:
        columns.require(chosen, names, shown)
        return chosen
    for name in _DEFAULT_TARGETS:
        if name in names:
            return name
    raise DataError(
        f"which column of {shown} is to be predicted? None is named target or label.",
        f"Name it: data.target=COLUMN, one of {columns.names_shown(names)}"
        if len(names) > 1
        else f"It has one column, '{names[0]}'. If something else cuts its cells: {_SEPARATORS}",
    )


def _feature_names(table: Table, target: str, data: Data) -> list[str]:
    frame = table.frame
    for name in (*(data.features or ()), *data.exclude, *data.categories):
        columns.require(name, frame.columns, table.shown)
    if target in (data.features or ()):
        raise DataError(
            f"data.features holds '{target}', which is the target.", "Take it out of the list."
        )
    candidates = data.features or [name for name in frame.columns if name != target]
    names = [name for name in candidates if name not in data.exclude]
    if not names:
        raise DataError(
            f"{table.shown} has no column to predict '{target}' from: it has "
            f"{columns.names_shown(frame.columns)}.",
            "Give a table with more columns, or leave fewer out.",
        )
    return names


def _affines(
    raw: Mapping[str, np.ndarray],
    chosen: Sequence[Column],
    targets: np.ndarray,
    target: str,
    train: np.ndarray,
) -> Affines:
    """What float32 does not hold of the columns of numbers, and of a target that is one."""
    inputs = (
        affine.fitted(column.name, column.key, raw[column.key][train])
        for column in chosen
        if column.kind == "number"
    )
    output = affine.fitted(target, 0, targets[train]) if targets.dtype == np.float64 else None
    return Affines(tuple(filter(None, inputs)), tuple(filter(None, (output,))))


def _check_complete(
    examples: Mapping[str, np.ndarray], chosen: Sequence[Column], used: np.ndarray, table: Table
) -> None:
    gaps = columns.missing(examples, chosen)
    for row in sorted(gaps.keys() & set(used.tolist())):
        raise DataError(
            f"{table.row_names[row]}: {gaps[row]}, and preprocessing.missing is 'fail'.",
            "Fill it in, or choose preprocessing.missing=indicator.",
        )


def _fingerprint(examples: Mapping[str, np.ndarray], targets: np.ndarray) -> str:
    sha256 = hashlib.sha256()
    for key, values in examples.items():
        sha256.update(key.encode())
        sha256.update("\0".join(values).encode() if values.dtype == object else values.tobytes())
    sha256.update(targets.tobytes())
    return sha256.hexdigest()
