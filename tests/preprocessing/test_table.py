"""A table's numbers: fitted on train alone, gaps and strangers told apart, the same everywhere."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from dlcli import preprocessing
from dlcli.data import DataSpec, Split
from dlcli.inputs import columns
from dlcli.inputs.columns import Column
from dlcli.recipe import schema

NAN = np.nan
COLUMNS = (Column("age", "age", "number"), Column("Stadt", "town", "category"))
AGES = np.array([1, 3, NAN, 1, 3, 2, 2, 2], np.float32)  # mean 2, variance 4 / 7
TOWNS = np.array(["Bonn", "Bonn", "Köln", "Köln", "Ulm", "", "Köln", "Bonn"], object)


def adapt(*overrides: str, ages: np.ndarray = AGES, towns: np.ndarray = TOWNS) -> keras.Model:
    loaded = schema.load("table-linear", ["preprocessing.min_category_count=2", *overrides])
    split = Split(
        {"age": ages, "town": towns}, np.zeros(len(ages), np.int32), np.arange(len(ages)), [""] * 8
    )
    spec = DataSpec((), "", ("a", "b"), "", columns=COLUMNS)
    return preprocessing.adapt(loaded, split, spec)


def features(preprocessor: keras.Model, ages: list[float], towns: list[str]) -> np.ndarray:
    examples = {
        "age": keras.ops.convert_to_tensor(np.array(ages, np.float32)),
        "town": keras.ops.convert_to_tensor(towns),
    }
    return np.asarray(preprocessor(examples))


def test_numbers_are_scaled_and_gaps_and_rare_categories_have_places_of_their_own() -> None:
    found = features(adapt(), [3, NAN, 2, 2, 2], ["Bonn", "Köln", "Ulm", "Rom", ""])
    scaled = 1 / np.sqrt(4 / 7)
    expected = [
        # age, its gap, Bonn, Köln, any other, none
        [scaled, 0, 1, 0, 0, 0],
        [0, 1, 0, 1, 0, 0],
        [0, 0, 0, 0, 1, 0],
        [0, 0, 0, 0, 1, 0],
        [0, 0, 0, 0, 0, 1],
    ]
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_what_the_train_split_lacks_gets_no_weight_that_never_learns() -> None:
    whole = adapt(ages=np.arange(8, dtype=np.float32), towns=np.array(["Bonn", "Köln"] * 4, object))
    found = features(whole, [3.5, NAN, 3.5], ["Bonn", "Rom", ""])
    np.testing.assert_allclose(found, [[0, 1, 0], [0, 0, 0], [0, 0, 0]], atol=1e-7)


def test_a_number_far_outside_is_cut_off() -> None:
    found = features(adapt("preprocessing.clip=2"), [1000, -1000, 2, NAN], [""] * 4)
    assert found[:, 0].tolist() == [2, -2, 0, 0]
    assert features(adapt(), [1000], [""])[0, 0] > 1000


def test_without_indicators_a_gap_is_the_mean_and_no_category() -> None:
    found = features(adapt("preprocessing.missing=mean"), [NAN], [""])
    np.testing.assert_array_equal(found, [[0, 0, 0, 0]])


def test_the_most_frequent_categories_are_kept() -> None:
    preprocessor = adapt("preprocessing.max_categories=1")
    assert preprocessor.get_layer("table.columns").categories == [None, ["Bonn"]]


def test_a_column_that_never_varies_is_not_divided_by_nothing() -> None:
    found = features(adapt(ages=np.full(8, 5, np.float32)), [5, 6], ["Bonn", "Bonn"])
    np.testing.assert_array_equal(found[:, 0], [0, 1])


def test_the_saved_preprocessor_gives_the_same_bits(tmp_path) -> None:
    preprocessor = adapt()
    preprocessor.save(tmp_path / "preprocessor.keras")
    loaded = keras.saving.load_model(tmp_path / "preprocessor.keras")
    rows = ([3, NAN, 2], ["Bonn", "Rom", ""])
    assert np.array_equal(features(preprocessor, *rows), features(loaded, *rows))


def test_the_numeric_part_continues_from_the_matrix_of_numpy() -> None:
    preprocessor = adapt()
    ages, towns = [3, NAN, 2, 2], ["Bonn", "Ulm", "Rom", ""]
    spec = DataSpec((), "", ("a", "b"), "", columns=COLUMNS)
    described = preprocessing.describe(schema.load("table-linear"), spec, preprocessor)
    assert columns.from_metadata(described["columns"]) == [
        Column("age", "age", "number"),
        Column("Stadt", "town", "category", ("Bonn", "Köln")),
    ]
    matrix = columns.matrix(
        {"age": np.array(ages, np.float32), "town": np.array(towns, object)},
        columns.from_metadata(described["columns"]),
    )
    numeric = np.asarray(preprocessor.get_layer("numeric")(matrix))
    assert np.array_equal(numeric, features(preprocessor, ages, towns))


@pytest.mark.parametrize("part", ["validation", "test"])
def test_rows_outside_the_train_split_do_not_count(part: str) -> None:
    loaded = schema.load("table-linear", ["preprocessing.min_category_count=1"])
    examples = {"age": np.append(AGES, 1e6).astype(np.float32), "town": np.append(TOWNS, part)}
    train = Split(examples, np.zeros(9, np.int32), np.arange(8), [""] * 9)
    spec = DataSpec((), "", ("a", "b"), "", columns=COLUMNS)
    preprocessor = preprocessing.adapt(loaded, train, spec)
    assert part not in preprocessor.get_layer("table.columns").categories[1]
    assert features(preprocessor, [2], ["Bonn"])[0, 0] == 0  # the mean of the train rows
