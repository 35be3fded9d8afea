"""`.ts` files: channels, classes, gaps, unequal lengths; what is wrong is named by its place."""

import numpy as np
import pytest

from dlcli.errors import DataError
from dlcli.inputs import sequences, ts_files

HEADER = "# words\n@problemName Made\n@timeStamps false\n@classLabel true up down\n@data\n"


def write(folder, text, name="Made_TRAIN.ts"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_channels_classes_gaps_and_lengths_are_read(tmp_path):
    found = ts_files.read(write(tmp_path, HEADER + "1,2,3:4,?:up\n\n1:5:down\n"))
    assert found.labels == ("up", "down")
    assert found.names[1] == "Made_TRAIN.ts series 2"
    assert np.array_equal(found.values[0], [[1, 4], [2, np.nan], [3, np.nan]], equal_nan=True)
    assert found.values[1].tolist() == [[1, 5]]


def test_a_file_without_classes_has_none(tmp_path):
    found = ts_files.read(write(tmp_path, "@classLabel false\n@data\n1,2\n"))
    assert found.labels == ()
    assert found.values[0].tolist() == [[1], [2]]
    with pytest.raises(DataError, match="has no classes"):
        sequences.read(tmp_path / "Made_TRAIN.ts", None, {}, needs_labels=True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1,2\n", "is no .ts file: it has no line @data"),
        (HEADER, "holds no series"),
        (HEADER + "1,2:left\n", "line 6: the class is 'left'. Expected one of: up, down"),
        (HEADER + "1,2\n", "line 6: the class is '1,2'. Expected"),
        (HEADER + "1,x:3,4:up\n", "line 6, channel 1, step 2: 'x' is no number"),
        (HEADER + "1,inf:up\n", "line 6, channel 1, step 2: 'inf' is no finite number"),
        (HEADER + "1:up\n1:2:up\n", "line 7 has 2 channels, the first series has 1"),
        ("@timeStamps true\n@data\n(0,1)\n", "has a time with each value"),
        ("@targetLabel true\n@data\n1:3\n", "has a number for each series"),
    ],
)
def test_what_is_wrong_is_named_by_its_place(tmp_path, text, message):
    with pytest.raises(DataError, match=message):
        ts_files.read(write(tmp_path, text))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DataError, match=r"there is no file .*none\.ts"):
        ts_files.read(tmp_path / "none.ts")


def test_series_are_padded_after_their_end_and_cut_off():
    values = [np.ones((2, 1), np.float32), np.ones((5, 1), np.float32)]
    padded = sequences.padded(values, 3)[:, :, 0]
    assert np.array_equal(padded, [[1, 1, np.nan], [1, 1, 1]], equal_nan=True)
    assert not sequences.missing(padded[0][:, None])
    assert sequences.missing(np.array([[1], [np.nan], [2]]))


@pytest.mark.parametrize("header", ["label,a,b\n", ""])
def test_a_table_has_a_series_a_row(tmp_path, header):
    path = write(tmp_path, header + "2,1.5,2\n1,3,4\n", "x.csv")
    found = sequences.read(path, None, {}, needs_labels=True)
    assert found.labels == ("2", "1")
    assert found.values[0].tolist() == [[1.5], [2]]


def test_classes_of_any_encoding_are_read(tmp_path):
    path = tmp_path / "a.ts"
    head = "@timeStamps false\n@classLabel true да нет\n@data\n"
    path.write_bytes((head + "1,2:да\n3,4:нет\n").encode("koi8-r"))
    found = ts_files.read(path)
    assert found.labels == ("да", "нет")
    assert found.reading == {"encoding": "koi8-r"}
    assert "is read as koi8-r" in found.notes[0]
