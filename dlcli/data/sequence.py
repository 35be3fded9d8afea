"""From whole series to a data set: their classes, their length, and the split of each."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import numpy as np
import polars as pl

from dlcli.data import DataSet, DataSpec, Splits, copies, splits, targets
from dlcli.errors import DataError
from dlcli.inputs import affine, sequences
from dlcli.inputs.affine import Affines
from dlcli.inputs.columns import Column
from dlcli.inputs.ts_files import WholeSeries
from dlcli.recipe.sections.sequence import Data, Preprocessing


def dataset(
    given: Mapping[str, WholeSeries],
    shown: str,
    task: str,
    data: Data,
    preprocessing: Preprocessing,
) -> DataSet:
    """Make a data set of whole series; splits that are not given are cut from train by class.

    Args:
        given: split -> its series; "train" at least.

    Raises:
        DataError: a class has too few series, or channels differ.
    """
    values = [series for part in given.values() for series in part.values]
    names = [name for part in given.values() for name in part.names]
    given_rows, start = {}, 0
    for split, part in given.items():
        given_rows[split] = np.arange(start, start + len(part.values))
        start += len(part.values)
    num_channels = values[0].shape[1]
    for name, series in zip(names, values, strict=True):
        if series.shape[1] != num_channels:
            raise DataError(
                f"{name} has {series.shape[1]} channels; {names[0]} has {num_channels}."
            )
    labels = pl.Series("class", [label for part in given.values() for label in part.labels])
    of_output = targets.of(task)
    column = targets.Column(labels, shown, task, data.label_case, row_names=names)
    fitted = of_output.fit(column, given_rows)
    of_output.require_enough(fitted, given_rows["train"], 4 - len(given_rows), column)
    # Adding 0 makes -0.0 the same bytes as 0.0.
    groups = copies.groups(pl.DataFrame({"values": [(series + 0).tobytes() for series in values]}))
    strata = of_output.strata(fitted.targets)
    rows = splits.completed(given_rows, strata, data, groups, may_recur=True)
    warnings = [*fitted.notes]
    warnings += copies.notes(groups, rows, given_rows, names, "series")
    num_steps = preprocessing.steps or max(len(values[row]) for row in rows["train"])
    longer = sum(len(series) > num_steps for series in values)
    if longer:
        warnings.append(
            f"{longer:,} series are longer than {num_steps} steps; the rest of them is not read "
            "(preprocessing.steps)."
        )
    with_gaps = [place for place, series in enumerate(values) if sequences.missing(series)]
    if with_gaps and preprocessing.missing == "fail":
        raise DataError(
            f"values are missing in {names[with_gaps[0]]}, and preprocessing.missing is 'fail'.",
            "Fill them in, or choose preprocessing.missing=interpolate.",
        )
    if with_gaps:
        warnings.append(
            f"values are missing in {len(with_gaps):,} series, such as {names[with_gaps[0]]}; see "
            "preprocessing.missing and missing_indicator."
        )
    padded = sequences.padded(values, num_steps)
    affines = _affines(padded[rows["train"]])
    if affines:
        warnings.append(affines.sentence())
    inputs = affines.stored(padded)
    return DataSet(
        Splits.of(inputs, fitted.targets, rows, names, affines),
        DataSpec(
            input_shape=(num_steps, num_channels),
            input_dtype="float32",
            class_names=fitted.class_names,
            fingerprint=hashlib.sha256(inputs.tobytes() + fitted.targets.tobytes()).hexdigest(),
            affines=affines,
            columns=tuple(Column(name, "", "number") for name in given["train"].columns),
            warnings=tuple(warnings),
        ),
    )


def _affines(train: np.ndarray) -> Affines:
    """Those of the channels of series (num_series, steps, channels)."""
    num_channels = train.shape[-1]
    found = (
        affine.fitted(sequences.channel_name(place, num_channels), place, train[..., place].ravel())
        for place in range(num_channels)
    )
    return Affines(tuple(filter(None, found)))
