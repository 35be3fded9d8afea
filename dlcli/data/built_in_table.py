"""Built-in tables, among them those that come with scikit-learn and need no download."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl

from dlcli.data import DataSet, table
from dlcli.data.table import Table
from dlcli.recipe.sections.table import Data, Preprocessing


def of_sklearn(name: str, target: str) -> Callable[[str, Data, Preprocessing], DataSet]:
    """The `load` of a data set that comes with scikit-learn; all splits are cut by the recipe.

    Args:
        name: of the data set; rows are called `iris[0]` and so on.
        target: what to call the column of the target.
    """

    def load(task: str, data: Data, preprocessing: Preprocessing) -> DataSet:
        # `data` (num_rows, num_columns), `target` (num_rows,), `feature_names` and, of a
        # classification, `target_names`.
        bunch = getattr(importlib.import_module("sklearn.datasets"), f"load_{name}")()
        columns: dict[str, Any] = {
            _plain(feature): bunch.data[:, place]
            for place, feature in enumerate(bunch.feature_names)
        }
        columns[target] = (
            [str(bunch.target_names[each]) for each in bunch.target]
            if "target_names" in bunch
            else bunch.target
        )
        return made(name, pl.DataFrame(columns), target, task, data, preprocessing)

    return load


def made(
    name: str,
    frame: pl.DataFrame,
    target: str,
    task: str,
    data: Data,
    preprocessing: Preprocessing,
    num_train: int = 0,
) -> DataSet:
    """Make a data set of a built-in table.

    Args:
        target: the column that is predicted unless the recipe names another.
        num_train: rows before the test split; 0 where the recipe cuts it.
    """
    names = [f"{name}[{row}]" for row in range(len(frame))]
    given = {"train": np.arange(num_train or len(frame))}
    if num_train:
        given["test"] = np.arange(num_train, len(frame))
    made_table = Table(frame, name, names, given, target)
    return table.dataset(made_table, task, data, preprocessing)


def _plain(feature: str) -> str:
    """`sepal length (cm)` -> `sepal_length`."""
    return re.sub(r" \(.*\)$", "", feature).replace(" ", "_")
