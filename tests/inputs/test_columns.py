"""Columns as a model takes them."""

from __future__ import annotations

import json
from dataclasses import asdict

import numpy as np
import polars as pl
import pytest

from dlcli.errors import DataError
from dlcli.inputs import columns
from dlcli.inputs.columns import Column
from dlcli.inputs.notation import Notation

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


def test_a_number_that_means_missing_is_no_number() -> None:
    written = Notation(words=("Inf",))
    values, bad = columns.numbers(pl.Series(["1", "Inf", "2"]), written)
    np.testing.assert_array_equal(values, [1, np.nan, 2])
    assert not len(bad)


def test_digits_that_are_not_read_are_not_called_large() -> None:
    assert columns.not_a_number(pl.Series("n", ["\u0663\u0660"]), 0).endswith("is no number")


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


def test_equal_values_have_one_form() -> None:
    texts = [
        "True",
        "TRUE",
        " true\u00a0",
        "1.0",
        "1.50",
        "007",
        "-0.0",
        "Cafe\u0301",
        None,
        "1.2.0",
        "+1",
        "\u22121",
        "\u200ea\ufeff \u200b",
    ]
    assert columns.canonical(pl.Series(texts)).to_list() == [
        "true", "true", "true", "1", "1.5", "007", "0", "Caf\u00e9", None, "1.2.0",
        "1", "-1", "a",
    ]  # fmt: skip
    assert columns.canonical(pl.Series([True, False, None])).to_list() == ["true", "false", None]
    assert columns.canonical(pl.Series([1.0, 1.5, float("nan")])).to_list() == ["1", "1.5", None]


def test_known_values_have_the_spelling_of_the_model() -> None:
    known = ["True", "2.0", "Cafe\u0301"]
    assert columns.spelled(pl.Series(["true", "2", "Caf\u00e9", "x"]), known).to_list() == [
        *known,
        "x",
    ]
    assert columns.spelled(pl.Series([True]), known).to_list() == ["True"]
    # An artifact of dlcli 0.1 may have both.
    assert columns.spelled(pl.Series(["1", "1.0"]), ["1", "1.0"]).to_list() == ["1", "1.0"]


def test_values_sent_as_they_are_get_the_spelling_of_the_model() -> None:
    entries = [{"name": "t", "key": "t", "kind": "category", "categories": ["True"]}]
    found = columns.as_known({"t": np.array(["TRUE", "", "no"], object)}, entries)
    assert found["t"].tolist() == ["True", "", "no"]


def test_the_metadata_keep_how_numbers_are_written() -> None:
    column = Column("a", "a", "number", notation=Notation(",", ".", "€", words=("-",)), minimum=1.0)
    (again,) = columns.from_metadata([json.loads(json.dumps(asdict(column)))])
    assert again == column
    frame = pl.DataFrame({"a": ["1.234,5 €", "-", "x"]})
    examples, errors = columns.raw(frame, [again], "a.csv")
    np.testing.assert_array_equal(examples["a"], [1234.5, np.nan, np.nan])
    assert errors == {2: "'a' is 'x', which is no number"}
