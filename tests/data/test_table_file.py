"""A user's tables: roles, kinds, splits, and what is said of columns that harm."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from dlcli import data, preprocessing
from dlcli.data import DataSet
from dlcli.errors import DataError, UsageError
from dlcli.recipe import schema


def load(source: object, *overrides: str) -> DataSet:
    return data.load(schema.load("table-linear", [f'data.source="{source}"', *overrides]))


def make(num_rows: int = 60) -> pl.DataFrame:
    """Numbers, categories and gaps that say something of the label, but not all."""
    generator = np.random.default_rng(0)
    label = generator.integers(0, 2, num_rows)
    size = np.round(generator.normal(size=num_rows) + label, 3)
    town = np.where(generator.random(num_rows) < 0.8, label, 1 - label)
    frame = pl.DataFrame(
        {"size": size, "town": [["Bonn", "Köln"][place] for place in town], "label": label}
    )
    gaps = pl.Series(np.arange(num_rows) % 7 == 0)
    return frame.with_columns(pl.when(~gaps).then(pl.col("size")).alias("size"))


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "table.csv"
    make().write_csv(path)
    return path


def sizes(dataset: DataSet) -> list[int]:
    return [len(split) for split in vars(dataset.splits).values()]


def test_a_table_is_split_by_class_and_its_columns_are_told_apart(table: Path) -> None:
    dataset = load(table)
    assert sizes(dataset) == [43, 5, 12]
    rows = np.concatenate([split.rows for split in vars(dataset.splits).values()])
    assert sorted(rows) == list(range(60))
    spec = dataset.spec
    assert [(column.name, column.kind) for column in spec.columns] == [
        ("size", "number"),
        ("town", "category"),
    ]
    assert (spec.target, spec.class_names) == ("label", ("0", "1"))
    assert spec.warnings == (  # of the 9 without a size
        "7 rows are identical to others; copies are kept in the same split, and the test split "
        "holds 11 different ones.",
    )
    examples, targets = dataset.splits.test.gather(np.arange(3))
    assert examples["size"].dtype == np.float32
    assert set(examples["town"]) <= {"Bonn", "Köln"}
    assert targets.dtype == np.int32
    assert dataset.splits.train.names[4] == "table.csv row 5"


@pytest.mark.parametrize("suffix", ["jsonl", "parquet"])
def test_the_same_table_in_another_format_is_the_same_data(tmp_path, table, suffix: str) -> None:
    path = tmp_path / f"table.{suffix}"
    make().write_ndjson(path) if suffix == "jsonl" else make().write_parquet(path)
    assert load(path).spec.fingerprint == load(table).spec.fingerprint


def test_a_regression_keeps_its_units(table: Path) -> None:
    dataset = load(table, "task=table-regression", "data.target=size")
    assert dataset.spec.class_names == ()
    assert dataset.spec.warnings == (
        "9 rows are left out: they lack 'size'.",
        "47 rows are identical to others, and copies are not kept in the same split: 10 of the 10 "
        "test rows and 4 of the 4 validation rows also occur in the training split.",
    )
    assert sum(sizes(dataset)) == 51
    train = dataset.splits.train
    targets = train.targets[train.rows]
    assert targets.dtype == np.float64  # as they stand in the file
    assert dataset.spec.target_mean == pytest.approx(targets.mean())
    assert dataset.spec.target_std == pytest.approx(targets.std())


def test_features_exclude_and_categories(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    frame = make().with_columns(code=pl.Series([10, 20, 30] * 20), extra=pl.lit(0))
    frame.write_csv(path)
    one = load(path, "data.features=[code, town]", "data.exclude=[town]", "data.categories=[code]")
    assert [(column.name, column.kind) for column in one.spec.columns] == [("code", "category")]
    with pytest.raises(DataError, match=r"no column 'twon'\. Did you mean 'town'\?"):
        load(path, "data.features=[twon]")
    with pytest.raises(DataError, match=r"data\.features holds 'label', which is the target"):
        load(path, "data.features=[label]")


def test_a_target_that_is_not_there_is_answered_with_the_columns(table: Path, tmp_path) -> None:
    with pytest.raises(
        DataError, match=r"no column 'lable'\. Did you mean 'label'\? It has: size, town, label\."
    ):
        load(table, "data.target=lable")
    make().rename({"label": "y"}).write_csv(tmp_path / "t.csv")
    single = tmp_path / "single.csv"
    single.write_text("x:target\n1:a\n2:b\n")
    with pytest.raises(DataError, match="is to be predicted") as caught:
        load(single)
    assert "It has one column, 'x:target'." in caught.value.hint
    with pytest.raises(DataError, match=r"which column of .*t\.csv is to be predicted") as caught:
        load(tmp_path / "t.csv")
    assert caught.value.hint == "Name it: data.target=COLUMN, one of size, town, y"


def test_a_number_as_the_target_of_a_classification_is_told(tmp_path: Path) -> None:
    pl.DataFrame({"x": range(2000), "label": range(2000)}).write_csv(tmp_path / "t.csv")
    with pytest.raises(DataError, match=r"has 2,000 different values") as caught:
        load(tmp_path / "t.csv")
    assert caught.value.hint == "To predict a number: task=table-regression"


def test_text_as_the_target_of_a_regression_is_told(table: Path) -> None:
    with pytest.raises(DataError, match=r"table\.csv row 1: 'town' is '.*', which is no number"):
        load(table, "task=table-regression", "data.target=town")


def test_columns_that_cannot_help_are_left_out_and_said(tmp_path: Path) -> None:
    frame = make().with_columns(
        same=pl.lit("x"),
        name=pl.Series([f"n{row}" for row in range(60)]),
        day=pl.Series([f"2020-01-{row % 28 + 1:02}" for row in range(60)]),
        empty=pl.lit(None, pl.String),
        row=pl.Series(range(60)),
        code=pl.Series(["00501", "10115", "80331"] * 20),
        mass=pl.Series([f"{row}.5kg" for row in range(60)]),
    )
    frame.write_csv(tmp_path / "t.csv")
    spec = load(tmp_path / "t.csv").spec
    assert {column.name: column.kind for column in spec.columns} == {
        "size": "number", "town": "category", "row": "number", "code": "category",
    }  # fmt: skip
    assert [warning.split(";")[0].split(",")[0] for warning in spec.warnings] == [
        "the column 'same' is left out: it is always 'x' in the train split.",
        "the column 'name' is left out: its values hardly ever repeat",
        "the column 'day' is left out: it holds dates or times",
        "the column 'empty' is left out: it has no value in the train split.",
        "the numbers of 'code' have leading zeros and are taken for names.",
        "the column 'mass' is left out: its values hardly ever repeat",
        "the column 'row' looks like a row number",
    ]


@pytest.mark.parametrize("leak", ["word", "threshold", "flag"])
def test_a_column_that_decides_the_label_is_warned_about(tmp_path: Path, leak: str) -> None:
    label = make()["label"].to_numpy()
    values = {
        "word": np.where(label, "yes", "no"),
        "threshold": label + 0.5 * np.random.default_rng(1).random(60),
        "flag": 1 - label,
    }[leak]
    make().with_columns(alive=pl.Series(values)).write_csv(tmp_path / "t.csv")
    warning, *_ = load(tmp_path / "t.csv").spec.warnings
    assert warning.startswith("the column 'alive' decides the target by itself.")
    assert "'data.exclude=[alive]'" in warning


def test_a_column_that_decides_the_number_is_warned_about(tmp_path: Path) -> None:
    size = np.random.default_rng(0).normal(size=60)
    other = np.random.default_rng(1).normal(size=60)
    frame = pl.DataFrame({"other": other, "in_cm": 100 * size + 3, "target": size})
    frame.write_csv(tmp_path / "t.csv")
    (warning,) = load(tmp_path / "t.csv", "task=table-regression").spec.warnings
    assert warning.startswith("the column 'in_cm' decides the target by itself.")


@pytest.mark.parametrize("kind", ["constant target", "flag", "number", "word"])
def test_a_nearly_constant_column_does_not_decide_the_number(tmp_path: Path, kind: str) -> None:
    """A far value explains nearly all of a variance, and says nothing of the other rows."""
    random = np.random.default_rng(0)
    target, far = random.normal(size=400), np.arange(400) % 100 == 7
    values = {
        "constant target": np.arange(400) % 3,
        "flag": far.astype(int),
        "number": random.normal(size=400) + 1e6 * far,
        "word": np.where(far, "rare", "usual"),
    }[kind]
    target = np.full(400, 3.0) if kind == "constant target" else target + 1e6 * far
    frame = pl.DataFrame({"other": random.normal(size=400), "odd": values, "target": target})
    frame.write_csv(tmp_path / "t.csv")
    warnings = load(tmp_path / "t.csv", "task=table-regression").spec.warnings
    assert not [each for each in warnings if "decides the target" in each]


def test_a_few_words_among_numbers_are_an_error(tmp_path: Path) -> None:
    size = [str(row / 10) for row in range(58)] + ["unknown", "5.9"]
    make().with_columns(size=pl.Series(size)).write_csv(tmp_path / "t.csv")
    with pytest.raises(DataError, match=r"t\.csv row 59: 'size' is 'unknown', which is no number"):
        load(tmp_path / "t.csv", "data.test_fraction=0.01", "data.validation_fraction=0.01")
    assert load(tmp_path / "t.csv", 'data.missing_values=["", unknown]').spec.columns[0].kind == (
        "number"
    )


@pytest.mark.parametrize("form", ["{}.5k", "~{}", "{}-", "{}*"])
def test_numbers_that_are_not_understood_are_names_and_it_is_said(
    tmp_path: Path, form: str
) -> None:
    price = [form.format(row % 25) for row in range(60)]
    make().with_columns(price=pl.Series(price)).write_csv(tmp_path / "t.csv")
    dataset = load(tmp_path / "t.csv", "preprocessing.min_category_count=1")
    (warning,) = (each for each in dataset.spec.warnings if "not understood" in each)
    assert "'price' are not understood, such as" in warning


@pytest.mark.parametrize(("cell", "is_said"), [("-9999", True), ("99", True), ("0.5", False)])
def test_a_number_that_may_mean_no_value_is_said(tmp_path: Path, cell: str, is_said: bool) -> None:
    size = [cell if row % 5 == 0 else str(row / 100) for row in range(60)]
    make().with_columns(size=pl.Series(size)).write_csv(tmp_path / "t.csv")
    said = [each for each in load(tmp_path / "t.csv").spec.warnings if f"{cell} stands in" in each]
    assert len(said) == is_said
    if is_said:
        keys = shlex.split(said[0].rpartition(": ")[2])
        again = load(tmp_path / "t.csv", *keys)
        assert not any("stands in" in each for each in again.spec.warnings)
        assert again.spec.columns[0].maximum < 1


@pytest.mark.parametrize("share", [1, 3])
def test_numbers_beyond_the_largest_are_an_error(tmp_path: Path, share: int) -> None:
    size = ["1.5" if row % share else f"{row + 1}e35" for row in range(60)]
    make().with_columns(size=pl.Series(size)).write_csv(tmp_path / "t.csv")
    with pytest.raises(DataError, match=r"'size' is '\d+e35', which is beyond 1e\+30, the largest"):
        load(tmp_path / "t.csv")


@pytest.mark.parametrize(
    ("cells", "number", "inferred"),
    [
        (["3,5", "4"], 3.5, (",", "none")),
        (["1,234,567", "2"], 1234567, (".", ",")),
        (["1.234,5", "7"], 1234.5, (",", ".")),
        (["7 500 €", "7"], 7500, (".", "space")),
        (["\u22128,5 %", "7,5 %"], -8.5, (",", "none")),
    ],
)
def test_numbers_are_read_as_they_are_written_and_it_is_said(
    tmp_path: Path, cells: list[str], number: float, inferred: tuple[str, str]
) -> None:
    frame = make().drop("size").with_columns(price=pl.Series(cells * 30))
    frame.write_csv(tmp_path / "t.csv")
    dataset = load(tmp_path / "t.csv")
    assert dataset.splits.train.inputs["price"][0] == np.float32(number)
    assert (dataset.spec.inferred["decimal"], dataset.spec.inferred["thousands"]) == inferred
    assert f"'{cells[0]}' is" in dataset.spec.warnings[0]
    stored = [f'data.{key}="{dataset.spec.inferred[key]}"' for key in ("decimal", "thousands")]
    again = load(tmp_path / "t.csv", *stored)
    assert again.spec.fingerprint == dataset.spec.fingerprint


def test_numbers_with_commas_of_no_notation_are_an_error(tmp_path: Path) -> None:
    make().with_columns(price=pl.Series(["1,2,3", "4,5"] * 30)).write_csv(tmp_path / "t.csv")
    with pytest.raises(DataError, match="'price' holds numbers written with commas, such as"):
        load(tmp_path / "t.csv")


def test_a_word_that_repeats_among_numbers_is_a_gap(tmp_path: Path) -> None:
    size = [str(row / 10) if row % 7 else "unknown" for row in range(60)]
    make().with_columns(size=pl.Series(size)).write_csv(tmp_path / "t.csv")
    dataset = load(tmp_path / "t.csv")
    assert dataset.spec.columns[0].kind == "number"
    assert np.isnan(dataset.splits.train.inputs["size"][::7]).all()
    assert dataset.spec.warnings[0].startswith("'unknown' is read as a missing value in")
    assert "'data.categories=[size]'" in dataset.spec.warnings[0]


def test_few_numbers_among_words_are_names(tmp_path: Path) -> None:
    make().with_columns(size=pl.Series(["1", "2", "3", "studio"] * 15)).write_csv(
        tmp_path / "t.csv"
    )
    assert load(tmp_path / "t.csv").spec.columns[0].kind == "category"


def test_zeros_before_a_decimal_number_are_no_code(tmp_path: Path) -> None:
    size = pl.Series([f"{row / 7:07.2f}" for row in range(60)])
    make().with_columns(size=size).write_csv(tmp_path / "t.csv")
    assert load(tmp_path / "t.csv").spec.columns[0].kind == "number"


def test_numbers_of_four_digits_and_two_decimals_are_no_dates(tmp_path: Path) -> None:
    size = pl.Series([f"{1000 + row * 37 % 60 + 0.25:.2f}" for row in range(60)])
    make().with_columns(size=size).write_csv(tmp_path / "t.csv")
    assert load(tmp_path / "t.csv").spec.columns[0].kind == "number"


@pytest.mark.parametrize(
    "words", [("True", "TRUE", "false"), ("1", "1.0", "0"), ("é", "e\u0301", "u")]
)
def test_categories_and_labels_are_one_in_several_spellings(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    cells = pl.Series([words[(0, 0, 1, 2, 2)[row % 5]] for row in range(60)])
    make().with_columns(town=cells, label=cells).write_csv(tmp_path / "t.csv")
    dataset = load(tmp_path / "t.csv", "data.categories=[town]")
    assert dataset.spec.class_names == tuple(sorted([words[0], words[2]]))
    assert set(dataset.splits.train.inputs["town"]) == {words[0], words[2]}
    assert dataset.spec.warnings[0] == (
        f"'{words[0]}' and '{words[1]}' of 'label' are one class, '{words[0]}'."
    )


def test_labels_that_differ_in_case_are_said_and_made_one(tmp_path: Path) -> None:
    labels = pl.Series(["Yes", "yes", "No"] * 20)
    make().with_columns(label=labels).write_csv(tmp_path / "t.csv")
    spec = load(tmp_path / "t.csv").spec
    assert spec.class_names == ("No", "Yes", "yes")
    assert "data.label_case=ignore" in spec.warnings[0]
    dataset = load(tmp_path / "t.csv", "data.label_case=ignore")
    assert dataset.spec.class_names == ("No", "Yes")
    assert dataset.splits.train.targets[:3].tolist() == [1, 1, 0]


def test_none_may_be_the_name_of_a_class(tmp_path: Path) -> None:
    frame = make().with_columns(label=pl.Series(["Mild", "None", "Mild"] * 20))
    frame.write_csv(tmp_path / "t.csv")
    spec = load(tmp_path / "t.csv").spec
    assert spec.class_names == ("Mild", "None")
    assert spec.inferred["missing_labels"] == ("",)
    assert "'data.missing_labels=[\"\", None]'" in spec.warnings[0]
    with pytest.raises(DataError, match="one value only"):
        load(tmp_path / "t.csv", 'data.missing_labels=["", None]')


def test_a_word_that_marks_gaps_in_numbers_is_no_class(tmp_path: Path) -> None:
    frame = make().with_columns(label=pl.Series(["a", "b", "NA"] * 20))
    frame.write_csv(tmp_path / "t.csv", null_value="NA")
    spec = load(tmp_path / "t.csv").spec
    assert spec.class_names == ("a", "b")
    assert spec.warnings[0].startswith("'NA' in 'label' is read as a missing label.")
    assert load(tmp_path / "t.csv", 'data.missing_labels=[""]').spec.class_names == ("NA", "a", "b")


def test_a_column_that_says_nothing_in_half_of_its_rows_decides_nothing(tmp_path: Path) -> None:
    label = np.arange(60) % 4 == 1
    flag = pl.Series(np.where(np.arange(60) % 2, 1, 0))
    make().with_columns(flag=flag, label=pl.Series(label)).write_csv(tmp_path / "t.csv")
    assert not any("decides" in warning for warning in load(tmp_path / "t.csv").spec.warnings)


def test_a_rare_class_is_not_decided_by_a_column_that_is_nearly_constant(tmp_path: Path) -> None:
    flag, label = np.zeros(4000, int), np.zeros(4000, int)
    flag[:3], label[1000:1004] = 1, 1
    pl.DataFrame({"flag": flag, "label": label}).write_csv(tmp_path / "t.csv")
    assert not any("decides" in warning for warning in load(tmp_path / "t.csv").spec.warnings)


def test_categories_that_are_cut_off_are_counted(tmp_path: Path) -> None:
    town = pl.Series([f"t{row % 15}" for row in range(60)])
    make().with_columns(town=town).write_csv(tmp_path / "t.csv")
    spec = load(tmp_path / "t.csv", "preprocessing.max_categories=2").spec
    (warning,) = spec.warnings
    assert warning.startswith("2 of the 15 categories of 'town' are told apart, in ")
    assert "preprocessing.max_categories=" in warning
    assert 0.1 < spec.columns[1].known < 0.3


def test_the_target_alone_is_no_table(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("label\na\nb\na\n")
    with pytest.raises(DataError, match="no column to predict 'label' from: it has label"):
        load(tmp_path / "t.csv")


def test_gaps_can_be_refused(table: Path) -> None:
    with pytest.raises(DataError, match=r"table\.csv row 1: 'size' is missing"):
        load(table, "preprocessing.missing=fail")


def write_folder(folder: Path, **frames: pl.DataFrame) -> Path:
    folder.mkdir()
    for name, frame in frames.items():
        frame.write_csv(folder / f"{name}.csv")
    return folder


def test_a_folder_with_given_splits(tmp_path: Path) -> None:
    frame = make()
    three = write_folder(
        tmp_path / "three", train=frame[:40], validation=frame[40:50], test=frame[50:]
    )
    assert sizes(load(three)) == [40, 10, 10]
    two = write_folder(tmp_path / "two", train=frame[:40], val=frame[40:])
    dataset = load(two)
    assert sizes(dataset) == [36, 4, 20]
    assert dataset.splits.test.name(0) == "val.csv row 1"


def test_a_folder_that_is_not_understood(tmp_path: Path) -> None:
    frame = make()
    with pytest.raises(DataError, match="holds no table named after a split"):
        load(write_folder(tmp_path / "a", data=frame))
    with pytest.raises(DataError, match=r"holds both val\.csv and validation.csv"):
        load(write_folder(tmp_path / "b", train=frame, val=frame, validation=frame))
    with pytest.raises(DataError, match="holds no file to train on"):
        load(write_folder(tmp_path / "c", test=frame))
    with pytest.raises(DataError, match=r"test\.csv has no column 'town'"):
        load(write_folder(tmp_path / "d", train=frame, test=frame.drop("town")))
    other = frame.with_columns(label=pl.lit(7))
    with pytest.raises(DataError, match=r"the test split of .* holds the class '7'"):
        load(write_folder(tmp_path / "e", train=frame, test=other))


def test_what_is_fitted_does_not_see_the_test_part(tmp_path: Path) -> None:
    frame = make()
    changed = frame[40:].with_columns(size=pl.lit(1e6), town=pl.lit("Ulm"))
    folders = [
        write_folder(tmp_path / "a", train=frame[:40], test=frame[40:]),
        write_folder(tmp_path / "b", train=frame[:40], test=changed),
    ]
    fitted = []
    for folder in folders:
        loaded = schema.load("table-linear", [f'data.source="{folder}"'])
        dataset = data.load(loaded)
        preprocessor = preprocessing.adapt(loaded, dataset.splits.train, dataset.spec)
        fitted.append((dataset.spec.columns, preprocessor.get_config()))
        assert dataset.splits.train.rows.tolist() != dataset.splits.test.rows.tolist()
    assert fitted[0] == fitted[1]


def test_own_data_is_measured_by_the_model_s_columns(table: Path, tmp_path: Path) -> None:
    loaded = schema.load("table-linear", [f'data.source="{table}"'])
    dataset = data.load(loaded)
    preprocessor = preprocessing.adapt(loaded, dataset.splits.train, dataset.spec)
    metadata = {
        "input": preprocessing.describe(loaded, dataset.spec, preprocessor),
        "class_names": list(dataset.spec.class_names),
        "target": "label",
    }
    own = tmp_path / "own.csv"
    own.write_text("label,town,size\n1,Bonn,2\n2,Bonn,2\n0,Ulm,x\n0,Ulm,\n,Ulm,1\n")
    split, bad_rows = data.load_own(loaded, str(own), metadata)
    examples, targets = split.gather(np.arange(len(split)))
    assert targets.tolist() == [1, 0]
    assert examples["town"].tolist() == ["Bonn", "Ulm"]
    assert bad_rows == (
        ("own.csv row 2", "'label' is '2', which is none of the model's classes: 0, 1"),
        ("own.csv row 3", "'size' is 'x', which is no number"),
        ("own.csv row 5", "'label' is missing"),
    )
    own.write_text("label,size\n1,2\n")
    with pytest.raises(DataError, match=r"own\.csv has no column 'town'"):
        data.load_own(loaded, str(own), metadata)


def test_kinds_of_data_are_not_mixed_up() -> None:
    with pytest.raises(UsageError, match="the data set 'digits' is of the kind 'image'") as caught:
        load("digits")
    assert "one of: breast_cancer, california_housing, diabetes, iris, line, wine." in (
        caught.value.message
    )


@pytest.mark.parametrize(
    ("source", "task", "num_columns", "target", "num_rows"),
    [
        ("breast_cancer", "table-classification", 30, "diagnosis", 569),
        ("iris", "table-classification", 4, "species", 150),
        ("wine", "table-classification", 13, "grower", 178),
        ("diabetes", "table-regression", 10, "progression", 442),
        ("line", "table-regression", 1, "y", 1000),
    ],
)
def test_built_in_tables(source, task, num_columns: int, target: str, num_rows: int) -> None:
    dataset = load(source, f"task={task}")
    assert len(dataset.spec.columns) == num_columns
    assert dataset.spec.target == target
    assert sum(sizes(dataset)) == num_rows
    assert dataset.spec.warnings == (
        ("1 row is identical to another; copies are kept in the same split.",) * (source == "iris")
    )


def test_the_line_is_the_documented_one() -> None:
    dataset = load("line", "task=table-regression")
    x = dataset.splits.train.inputs["x"].astype(float)
    slope, intercept = np.polyfit(x, dataset.splits.train.targets, 1)
    assert (slope, intercept) == pytest.approx((2, 1), abs=0.05)
    assert np.std(dataset.splits.train.targets - 2 * x - 1) == pytest.approx(1, abs=0.03)


@pytest.mark.shared_data
def test_california_housing_has_the_test_split_of_keras(shared_data, monkeypatch) -> None:
    monkeypatch.setenv("KERAS_HOME", str(shared_data / "keras"))
    dataset = load("california_housing", "task=table-regression")
    assert sizes(dataset) == [14861, 1651, 4128]
    # keras.datasets.california_housing.load_data(version="large")[1][1][:3]
    assert dataset.splits.test.targets[dataset.splits.test.rows][:3].tolist() == FIRST_OF_KERAS


FIRST_OF_KERAS = [397900.0, 227900.0, 172100.0]


@pytest.mark.shared_data
def test_real_tables(shared_data: Path) -> None:
    folder = shared_data / "tabular"
    titanic = load(folder / "titanic.csv", "data.target=survived").spec
    assert [warning for warning in titanic.warnings if "'alive' decides" in warning]
    assert [warning for warning in titanic.warnings if "107 rows are identical" in warning]
    assert len(titanic.warnings) == 2
    assert {column.name: column.kind for column in titanic.columns}["age"] == "number"
    diamonds = load(folder / "diamonds.csv.gz", "task=table-regression", "data.target=price")
    assert sum(sizes(diamonds)) == 53940
    houses = load(
        folder / "california_housing.csv", "task=table-regression",
        "data.target=median_house_value",
    )  # fmt: skip
    assert houses.spec.warnings == ()
    tumours = load(folder / "breast_cancer.csv", "data.skip_lines=1", "data.target=column_31")
    assert (tumours.spec.class_names, len(tumours.spec.columns)) == (("0", "1"), 30)


def test_what_was_inferred_is_kept_where_all_files_agree(tmp_path: Path) -> None:
    rows = [f"{row},{row % 5},{'yes' if row % 2 else 'no'}" for row in range(40)]
    for name, separator in (("train", ","), ("val", ","), ("test", ";")):
        text = "\n".join(["# so", "x,y,label", *rows, ""]).replace(",", separator)
        (tmp_path / f"{name}.csv").write_text(text)
    spec = data.load(schema.load("table-linear", [f'data.source="{tmp_path}"'])).spec
    assert "separator" not in spec.inferred
    assert {key: spec.inferred[key] for key in ("header", "quote", "skip_lines")} == {
        "header": True, "quote": "double", "skip_lines": 1,
    }  # fmt: skip
    assert sum("'# so' (data.skip_lines)" in warning for warning in spec.warnings) == 3


def test_a_column_that_is_named_is_a_header_and_may_not_hold_lists(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("7,19,40\n" + "".join(f"{row}.5,{row % 2},1.5\n" for row in range(40)))
    spec = data.load(
        schema.load("table-linear", [f'data.source="{path}"', "data.target='19'"])
    ).spec
    assert (spec.target, spec.inferred["header"]) == ("19", True)
    lines = tmp_path / "a.jsonl"
    lines.write_text("".join(f'{{"x": {row}, "label": [{row % 2}]}}\n' for row in range(9)))
    with pytest.raises(DataError, match="the column 'label' holds List"):
        data.load(schema.load("table-linear", [f'data.source="{lines}"']))
    values = "".join(f'{{"x": {row}, "t": [{row}], "label": {row % 2}}}\n' for row in range(40))
    lines.write_text(values)
    source = f'data.source="{lines}"'
    for override, is_told in (("data.exclude=[t]", False), ("data.features=[x]", True)):
        spec = data.load(schema.load("table-linear", [source, override])).spec
        assert [column.name for column in spec.columns] == ["x"]
        told = ["the column 't' (List(Int64)) is left out" in each for each in spec.warnings]
        assert any(told) is is_told


def test_a_target_and_a_column_with_a_large_offset_keep_their_digits(tmp_path: Path) -> None:
    shares = np.random.default_rng(0).random(200).round(4)
    seconds = 1_704_067_200 + np.arange(200)[::-1] % 60
    path = tmp_path / "table.csv"
    pl.DataFrame({"x": shares, "time": seconds, "y": 1e9 + 10 * shares}).write_csv(path)
    spec = (dataset := load(path, "task=table-regression", "data.target=y")).spec
    assert [each.key for each in spec.affines.inputs] == ["time"]
    assert [each.key for each in spec.affines.outputs] == [0]
    assert (spec.target_mean, spec.target_std) == (0, 1)  # as the model answers
    assert spec.answered()["affine"] == spec.affines.document()
    assert sum("the columns 'time', 'y' apart" in warning for warning in spec.warnings) == 1
    train = dataset.splits.train
    examples, targets = train.gather(np.arange(len(train)))
    assert examples["time"].tolist() == seconds[train.rows].tolist()
    assert examples["x"].dtype == np.float32
    assert targets.tolist() == (1e9 + 10 * shares)[train.rows].tolist()
    examples, targets = train.gather_for_model(np.arange(len(train)))
    assert {examples["time"].dtype, targets.dtype} == {np.dtype(np.float32)}
    assert examples["time"].std() == pytest.approx(1, abs=1e-5)
    assert targets.std() == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("name", ["x", "y"])
def test_numbers_beyond_what_is_computed_with_are_refused_with_their_row(tmp_path, name) -> None:
    columns = {"x": np.arange(60.0) % 7, "y": np.arange(60.0)}
    path = tmp_path / "table.csv"
    columns[name][4] = 2e30
    pl.DataFrame(columns).write_csv(path)
    message = rf"row 5: '{name}' is '2e\+?30', which is beyond 1e\+30, the largest number"
    with pytest.raises(DataError, match=message):
        load(path, "task=table-regression", "data.target=y")
    columns[name][4] = 1e30
    pl.DataFrame(columns).write_csv(path)
    assert not load(path, "task=table-regression", "data.target=y").spec.affines


def test_equal_rows_are_cut_into_one_split_whatever_their_label(tmp_path: Path) -> None:
    frame = make(300).filter(pl.col("size").is_not_null()).with_columns(pl.col("size") + 1e-7)
    other_way = frame.with_columns(
        town=pl.col("town") + " ", label=pl.when(pl.col("size") > 2).then(0).otherwise("label")
    )
    pl.concat([frame, other_way]).write_csv(tmp_path / "t.csv")
    dataset = load(tmp_path / "t.csv")
    sides = [
        {*zip(split.inputs["size"][split.rows], split.inputs["town"][split.rows], strict=True)}
        for split in vars(dataset.splits).values()
    ]
    assert sum(map(len, sides)) == len(set().union(*sides))
    assert sizes(dataset) == pytest.approx([370, 41, 103], abs=3)
    (warning,) = dataset.spec.warnings
    assert "rows are identical to others; copies are kept in the same split, and the" in warning


def test_few_different_rows_are_cut_as_if_all_differed(tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    frame = pl.DataFrame(
        {
            "sex": generator.choice(["m", "f"], 400),
            "class": generator.choice(["1st", "2nd", "3rd"], 400),
            "label": generator.integers(0, 2, 400),
        }
    )
    frame.write_csv(tmp_path / "t.csv")
    dataset = load(tmp_path / "t.csv")
    assert dataset.spec.warnings == (
        "394 rows are identical to others, and copies are not kept in the same split: 80 of the 80 "
        "test rows and 32 of the 32 validation rows also occur in the training split.",
    )
    for split in vars(dataset.splits).values():
        assert set(split.targets[split.rows]) == {0, 1}


def test_test_rows_that_are_in_train_too_are_counted(tmp_path: Path) -> None:
    make(300).filter(pl.col("size").is_not_null()).write_csv(tmp_path / "train.csv")
    make(300)[1:6].with_columns(label=1 - pl.col("label")).write_csv(tmp_path / "test.csv")
    assert load(tmp_path).spec.warnings[-1] == (
        "5 of the 5 test rows also occur in the training split, so the result is too optimistic "
        "(for example, test.csv row 1 and train.csv row 1)."
    )


def test_a_test_file_without_answers_is_left_out(tmp_path: Path) -> None:
    make().write_csv(tmp_path / "train.csv")
    make().drop("label").with_columns(id=pl.int_range(60)).write_csv(tmp_path / "test.csv")
    dataset = load(tmp_path)
    assert sizes(dataset) == [43, 5, 12]  # cut from train
    assert dataset.spec.warnings[0].startswith("test.csv is left out: it has no column 'label'. ")
    assert "dlcli predict latest " in dataset.spec.warnings[0]
    make().drop("label", "town").write_csv(tmp_path / "test.csv")
    with pytest.raises(DataError, match=r"test\.csv has no column 'town'"):
        load(tmp_path)


def test_a_table_of_useless_columns_says_why_each_is_left_out(tmp_path: Path) -> None:
    frame = pl.DataFrame({"k": [1] * 40, "day": ["2024-01-31"] * 20 + ["2024-02-01"] * 20})
    frame.with_columns(target=pl.Series(["a", "b"] * 20)).write_csv(tmp_path / "t.csv")
    expected = (
        r"no column to predict 'target' from: the column 'k' is left out: it is always '1' in the "
        r"train split; the column 'day' is left out: it holds dates or times; .*help\.$"
    )
    with pytest.raises(DataError, match=expected) as error:
        load(tmp_path / "t.csv")
    assert (
        error.value.hint == "Give a table with a column of numbers, or of categories that repeat."
    )


def test_tables_and_texts_are_read_without_pillow():
    """In a fresh process; only images take the time to import it."""
    readers = ("table_file", "text_file", "series_file", "sequence_file", "corpus_file")
    program = f"""
import sys
from importlib import import_module
for name in {readers}:
    import_module(f"dlcli.data.{{name}}")
print([name for name in sys.modules if name.partition(".")[0] in ("PIL", "tensorflow")])
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
