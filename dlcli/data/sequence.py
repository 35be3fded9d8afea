"""From whole series to a data set: their classes, their length, and the split of each."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import numpy as np
import polars as pl

from dlcli.data import DataSet, DataSpec, Split, Splits, classes, splits
from dlcli.errors import DataError
from dlcli.inputs import sequences
from dlcli.inputs.columns import Column
from dlcli.inputs.ts_files import WholeSeries
from dlcli.recipe import Recipe


def dataset(given: Mapping[str, WholeSeries], shown: str, recipe: Recipe) -> DataSet:
    """Make a data set of whole series; splits that are not given are cut from train by class.

    Args:
        given: split -> its series; "train" at least.
        shown: what to call them in an error.
        recipe: a recipe of a task on whole series.

    Raises:
        DataError: a class has too few series, or channels differ.
    """
    options = recipe.preprocessing
    values = [series for part in given.values() for series in part.values]
    names = [name for part in given.values() for name in part.names]
    rows, start = {}, 0
    for split, part in given.items():
        rows[split] = np.arange(start, start + len(part.values))
        start += len(part.values)
    num_channels = values[0].shape[1]
    for name, series in zip(names, values, strict=True):
        if series.shape[1] != num_channels:
            raise DataError(
                f"{name} has {series.shape[1]} channels; {names[0]} has {num_channels}."
            )
    labels = pl.Series("class", [label for part in given.values() for label in part.labels])
    class_names = classes.names(labels, rows, shown)
    targets = classes.indices(labels, class_names)
    classes.require_enough(
        targets[rows["train"]], class_names, 4 - len(rows), label="class", shown=shown
    )
    rows = splits.completed(
        rows,
        targets,
        test_fraction=recipe.data.test_fraction,
        validation_fraction=recipe.data.validation_fraction,
        seed=recipe.data.split_seed,
    )
    warnings = []
    num_steps = options.steps or max(len(values[row]) for row in rows["train"])
    longer = sum(len(series) > num_steps for series in values)
    if longer:
        warnings.append(
            f"{longer:,} series are longer than {num_steps} steps; the rest of them is not read "
            "(preprocessing.steps)."
        )
    with_gaps = [place for place, series in enumerate(values) if sequences.missing(series)]
    if with_gaps and options.missing == "fail":
        raise DataError(
            f"values are missing in {names[with_gaps[0]]}, and preprocessing.missing is 'fail'.",
            "Fill them in, or choose preprocessing.missing=interpolate.",
        )
    if with_gaps:
        warnings.append(
            f"values are missing in {len(with_gaps):,} series, such as {names[with_gaps[0]]}; see "
            "preprocessing.missing and missing_indicator."
        )
    inputs = sequences.padded(values, num_steps)
    return DataSet(
        Splits(
            **{
                split: Split(inputs, targets, rows[split], names)
                for split in ("train", "validation", "test")
            }
        ),
        DataSpec(
            input_shape=(num_steps, num_channels),
            input_dtype="float32",
            class_names=class_names,
            fingerprint=hashlib.sha256(inputs.tobytes() + targets.tobytes()).hexdigest(),
            columns=tuple(Column(name, "", "number") for name in given["train"].columns),
            warnings=tuple(warnings),
        ),
    )
