"""Columns as a model takes them."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from dlcli.errors import DataError
from dlcli.inputs import columns
from dlcli.inputs.columns import Column

AGE = Column("age", "age", "number")
TOWN = Column("Stadt", "Stadt", "category", ("Bonn", "Köln"))


def test_numbers_and_categories() -> None:
    frame = pl.DataFrame({"age": ["3", None, "x", "1e39"], "Stadt": ["Bonn", None, "Ulm", "Köln"]})
    examples, errors = columns.raw(frame, [AGE, TOWN], "a.csv")
    assert examples["age"].dtype == np.float64
    np.testing.assert_array_equal(examples["age"], [3, np.nan, np.nan, np.nan])
    assert examples["Stadt"].tolist() == ["Bonn", "", "Ulm", "Köln"]
    assert errors == {
        2: "'age' is 'x', which is no number",
        3: "'age' is '1e39', which is beyond 1e+30, the largest number that is read",
    }
    assert columns.missing(examples, [TOWN]) == {1: "'Stadt' is missing"}


def test_the_matrix_of_tflite() -> None:
    examples = {
        "age": np.array([1.5, np.nan, 2], np.float32),
        "Stadt": np.array(["Köln", "Ulm", ""], object),
    }
    matrix = columns.matrix(examples, [TOWN, AGE])
    assert matrix.dtype == np.float32
    np.testing.assert_array_equal(matrix, [[1, 1.5], [-1, np.nan], [np.nan, 2]])


def test_whole_numbers_name_the_same_category_in_csv_and_parquet() -> None:
    for values in (["1", "2", None], [1, 2, None], [1.0, 2.0, None], [1.0, 2.0, float("nan")]):
        assert columns.text(pl.Series(values, strict=False)).to_list() == ["1", "2", None]
    assert columns.text(pl.Series([0.5, 1.0])).to_list() == ["0.5", "1.0"]


def test_a_missing_column_is_answered_with_those_there_are() -> None:
    with pytest.raises(
        DataError, match=r"a\.csv has no column 'agee'\. Did you mean 'age'\? It has: age, town\."
    ):
        columns.require("agee", ["age", "town"], "a.csv")


def test_keys_are_plain_and_unique() -> None:
    names = ["age", "年龄", "a b", "a_b", "2nd", "core", "x/y", "class"]
    assert columns.keys(names, ["core"]) == [
        "age", "column_2", "a_b", "a_b_", "column_2nd", "core_", "x_y", "class_",
    ]  # fmt: skip
