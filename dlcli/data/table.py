"""From a table to a data set: which column is predicted, from which, and in which split."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from dlcli.data import DataSet, DataSpec, Split, Splits, classes, column_kinds, splits
from dlcli.errors import DataError
from dlcli.inputs import affine, columns
from dlcli.inputs.affine import Affines
from dlcli.inputs.columns import Column
from dlcli.recipe import Recipe

_DEFAULT_TARGETS = ("target", "label")
_IF_NUMBER = "To predict a number: task=table-regression"
# Names that the layers of an end-to-end model have: no input may be called so.
_RESERVED = ("preprocessor", "core")


@dataclass(frozen=True)
class Table:
    """A table that was read.

    Args:
        frame: what `dlcli.inputs.tables.read` gives.
        shown: what to call it in an error.
        row_names: (num_rows,) what to call each row.
        given: split -> (num_examples,) int64 rows, of the splits that are given.
        target: the column to predict if the recipe names none, or "".
    """

    frame: pl.DataFrame
    shown: str
    row_names: Sequence[str]
    given: Mapping[str, np.ndarray]
    target: str = ""


def dataset(table: Table, recipe: Recipe) -> DataSet:
    """Make a data set of a table.

    Splits that are not given are cut from train: by class in a classification, else at
    random. The kinds of the columns are decided from the train split alone.

    Args:
        table: rows without a target are left out.
        recipe: a recipe of a task on tables.

    Raises:
        DataError: a column is missing, or values do not fit.
    """
    options = recipe.data
    target = target_name(options.target or table.target, table.frame.columns, table.shown)
    features = _feature_names(table, target, recipe)
    series = table.frame[target]
    known = series.is_not_null().to_numpy()
    warnings = []
    if not known.all():
        warnings.append(f"{(~known).sum():,} rows are left out: they lack '{target}'.")
    given = {split: rows[known[rows]] for split, rows in table.given.items()}
    for split, positions in given.items():
        if not len(positions):
            raise DataError(f"the {split} split of {table.shown} has no row with a '{target}'.")

    class_names: tuple[str, ...] = ()
    if recipe.task == "table-classification":
        class_names = classes.names(series, given, table.shown, _IF_NUMBER)
        targets = classes.indices(series, class_names)
    else:
        targets, bad = columns.numbers(series)
        if len(bad):
            raise DataError(
                f"{table.row_names[bad[0]]}: {columns.not_a_number(series, bad[0])}. The task "
                f"{recipe.task} predicts numbers.",
                "Correct it; or, if the column names classes: task=table-classification",
            )
    rows = _completed(given, targets, class_names, target, table.shown, recipe)
    train = rows["train"]
    kinds, more = column_kinds.decide(
        table.frame.select(features)[train],
        targets[train],
        num_classes=len(class_names),
        as_categories=options.categories,
        min_category_count=recipe.preprocessing.min_category_count,
        row_names=[table.row_names[row] for row in train],
    )
    if not kinds:
        raise DataError(f"{table.shown} has no column to predict '{target}' from. {' '.join(more)}")
    keys = columns.keys(list(kinds), _RESERVED)
    chosen = tuple(Column(name, key, kinds[name]) for name, key in zip(kinds, keys, strict=True))
    raw, errors = columns.raw(table.frame, chosen, table.shown)
    affines = _affines(raw, chosen, targets, target, train)
    examples = affines.stored(raw)
    used = np.sort(np.concatenate(list(rows.values())))
    for row in sorted(errors.keys() & set(used.tolist())):
        raise DataError(
            f"{table.row_names[row]}: {errors[row]}, but all of the train split are.",
            "Correct it, or add what means 'missing' to data.missing_values.",
        )
    more += [affines.sentence()] if affines else []
    mean, std = 0.0, 1.0
    if not class_names and not affines.outputs:
        mean, std = affine.mean_and_std(affine.narrow(targets[train]))
    if recipe.preprocessing.missing == "fail":
        _check_complete(examples, chosen, used, table)
    return DataSet(
        Splits(
            **{
                split: Split(examples, targets, rows[split], table.row_names, affines)
                for split in ("train", "validation", "test")
            }
        ),
        DataSpec(
            input_shape=(),
            input_dtype="",
            class_names=class_names,
            # Of what float32 holds, so that it is that of dlcli 0.1.
            fingerprint=_fingerprint(
                examples, targets if affines.outputs else affine.narrow(targets)
            ),
            columns=chosen,
            target=target,
            target_mean=mean,
            target_std=std,
            affines=affines,
            warnings=tuple(warnings + more),
        ),
    )


def target_name(chosen: str, names: Sequence[str], shown: str) -> str:
    """The column to predict.

    Args:
        chosen: as the recipe or the data set names it, or "".
        names: of all columns.
        shown: what to call the table in an error.

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
        f"Name it: data.target=COLUMN, one of {columns.names_shown(names)}",
    )


def _feature_names(table: Table, target: str, recipe: Recipe) -> list[str]:
    options, frame = recipe.data, table.frame
    for name in (*(options.features or ()), *options.exclude, *options.categories):
        columns.require(name, frame.columns, table.shown)
    if target in (options.features or ()):
        raise DataError(
            f"data.features holds '{target}', which is the target.", "Take it out of the list."
        )
    candidates = options.features or [name for name in frame.columns if name != target]
    return [name for name in candidates if name not in options.exclude]


def _completed(
    given: Mapping[str, np.ndarray],
    targets: np.ndarray,
    class_names: Sequence[str],
    target: str,
    shown: str,
    recipe: Recipe,
) -> dict[str, np.ndarray]:
    """The rows of all splits, once there are enough for those that are cut."""
    needed = 4 - len(given)  # one for train and one for each split cut from it
    train = given["train"]
    if class_names:
        classes.require_enough(
            targets[train],
            class_names,
            needed,
            label=target,
            shown=shown,
            hint_if_number="If the target is a number: task=table-regression",
        )
    elif len(train) < needed:
        raise DataError(f"{shown} has {len(train)} rows to train on. Expected at least {needed}.")
    return splits.completed(
        given,
        targets if class_names else np.zeros(len(targets), np.int32),
        test_fraction=recipe.data.test_fraction,
        validation_fraction=recipe.data.validation_fraction,
        seed=recipe.data.split_seed,
    )


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
