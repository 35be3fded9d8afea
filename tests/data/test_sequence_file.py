"""Whole series: files find their partners; what does not fit is named."""

import numpy as np
import pytest

from dlcli import data
from dlcli.errors import DataError
from dlcli.recipe import schema

HEADER = "@classLabel true a b\n@data\n"


def write(folder, name, rows, length=4):
    lines = [f"{','.join(str(n + step) for step in range(length))}:{'ab'[n % 2]}" for n in rows]
    (folder / name).write_text(HEADER + "\n".join(lines) + "\n")


def load(path, *overrides):
    return data.load(schema.load("sequence-lstm", [f'data.source="{path}"', *overrides]))


@pytest.fixture
def folder(tmp_path):
    write(tmp_path, "One_TRAIN.ts", range(10))
    write(tmp_path, "One_TEST.ts", range(10, 16), length=6)
    return tmp_path


@pytest.mark.parametrize("name", ["", "One", "One_TRAIN.ts"])
def test_a_file_finds_its_partner(folder, name):
    loaded = load(folder / name)
    assert {name: len(split) for name, split in vars(loaded.splits).items()} == {
        "train": 8, "validation": 2, "test": 6,
    }  # fmt: skip
    assert loaded.spec.class_names == ("a", "b")
    assert loaded.spec.input_shape == (4, 1)  # the longest of the train split
    assert loaded.spec.warnings[0].startswith("6 series are longer than 4 steps")
    assert loaded.splits.test.gather(np.array([0]))[0][0, :, 0].tolist() == [10, 11, 12, 13]
    assert loaded.splits.test.name(0) == "One_TEST.ts series 1"


def test_a_single_file_is_cut_by_class(folder):
    loaded = load(folder / "One_TEST.ts", "data.test_fraction=0.4")
    assert sum(len(split) for split in vars(loaded.splits).values()) == 6
    assert loaded.spec.input_shape == (6, 1)


def test_several_sets_are_named(folder):
    write(folder, "Two_TRAIN.ts", range(8))
    with pytest.raises(DataError, match=r"holds 2 sets of series: One, Two") as raised:
        load(folder)
    assert raised.value.hint == f"Name one: {folder / 'One'}"
    with pytest.raises(DataError, match=r"there is no file .*Three, and none whose name begins so"):
        load(folder / "Three")


def test_a_table_of_the_older_archives_is_read(tmp_path):
    rows = [f"{1 + n % 2}\t{n}\t{n + 1}\t{n + 2 if n else 'NaN'}" for n in range(12)]
    (tmp_path / "Old_TRAIN.tsv").write_text("\n".join(rows), encoding="utf-8")
    (tmp_path / "Old_TEST.tsv").write_text("\n".join(rows), encoding="utf-8")
    loaded = load(tmp_path / "Old_TRAIN.tsv")
    assert loaded.spec.class_names == ("1", "2")
    assert loaded.spec.input_shape == (3, 1)
    assert len(loaded.splits.test) == 12


def test_a_class_that_train_lacks_and_other_channels_are_refused(folder):
    (folder / "One_TEST.ts").write_text("@classLabel true a b c\n@data\n1,2:c\n")
    with pytest.raises(DataError, match="holds the class 'c', which the train split lacks"):
        load(folder)
    (folder / "One_TEST.ts").write_text(HEADER + "1,2:3,4:a\n")
    with pytest.raises(DataError, match=r"One_TEST\.ts series 1 has 2 channels; .* has 1"):
        load(folder)


def test_gaps_are_said_or_refused(folder):
    path = folder / "One_TRAIN.ts"
    path.write_text(path.read_text().replace("0,1,2,3:a", "0,?,2,3:a"))
    assert "values are missing in 1 series, such as One_TRAIN.ts series 1" in str(
        load(folder).spec.warnings
    )
    with pytest.raises(DataError, match=r"in One_TRAIN\.ts series 1, and preprocessing\.missing"):
        load(folder, "preprocessing.missing=fail")


def test_a_channel_with_a_large_offset_keeps_its_digits(tmp_path):
    steps = np.arange(12)
    rows = [
        f"{','.join(str(1e9 + height * step) for step in steps)}:"
        f"{','.join(str(step % 3) for step in steps)}:{label}"
        for height, label in [(1, "up"), (-1, "down")] * 10
    ]
    path = tmp_path / "made.ts"
    path.write_text("@problemName made\n@classLabel true up down\n@data\n" + "\n".join(rows))
    dataset = data.load(schema.load("sequence-lstm", [f'data.source="{path}"']))
    [found] = dataset.spec.affines.inputs
    assert (found.name, found.key, found.offset) == ("channel 1", 0, pytest.approx(1e9, abs=10))
    values, _ = dataset.splits.train.gather(np.arange(2))
    assert np.abs(np.diff(values[:, :, 0])).tolist() == np.ones((2, 11)).tolist()
    values, _ = dataset.splits.train.gather_for_model(np.arange(2))
    assert values.dtype == np.float32
    assert np.abs(np.diff(values[:, :, 0])) * found.scale == pytest.approx(np.ones((2, 11)))
    assert values[0, :, 1].tolist() == (steps % 3).tolist()


def test_equal_series_are_kept_in_one_split_or_counted(folder):
    write(folder, "Twice.ts", [*range(30), *range(30)])
    loaded = load(folder / "Twice.ts")
    parts = vars(loaded.splits).values()
    values = [set(split.inputs[split.rows, 0, 0]) for split in parts]
    assert sum(map(len, values)) == 30
    assert loaded.spec.warnings == (
        "30 series are identical to others; copies are kept in the same split, and the test split "
        f"holds {len(values[2])} different ones.",
    )
    write(folder, "One_TEST.ts", range(9, 15))
    assert load(folder).spec.warnings == (
        "1 of the 6 test series also occurs in the training split, so the result is too "
        "optimistic (for example, One_TEST.ts series 1 and One_TRAIN.ts series 10).",
    )
