"""A table that is read in pieces is the table that is read whole."""

from __future__ import annotations

import gzip
from pathlib import Path

import polars as pl
import pytest

from dlcli.errors import DataError
from dlcli.inputs import large_tables, tables

ODD = (
    'name,age,note\nAnna,3,"two\nlines"\n\nBo,4.5,"says ""hi"", and goes"\n,,\n'
    'Zoë,NA,"a\r\n\r\nb"\n  李雷 ,5,😀\nlast,6,'
)


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large_tables, "_PIECE_ROWS", 2)
    monkeypatch.setattr(large_tables, "_PIECE_BYTES", 24)


def _write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", ODD),
        ("a.csv", "\ufeff" + ODD),
        ("a.csv", ODD.replace(",", ";")),
        ("a.tsv", ODD.replace(",", "\t")),
        ("a.csv.gz", gzip.compress(ODD.encode(), mtime=0)),
        ("a.csv", ODD.encode("utf-16")),
        ("a.csv", "prénom,âge\nZoë,3\n\n\nFrançois,4\nX,5\nY,6\n".encode("latin-1")),
        ("a.csv", "姓名,年龄\n李雷,3\n韩梅梅,4\n小明,5\n".encode("gb18030")),
        ("a.csv", "\n\n5.1,setosa\n4.9,virginica\n1,x\n\n\n\n2,y\n"),
        ("a.jsonl", '{"a": 1}\n{"a": 2, "b": "x"}\n\n{"a": 2.5}\n{"b": true, "a": null}\n'),
        ("stdin", '{"a": 1}\n{"a": 2, "b": "x"}\n\n{"a": 2.5}\n{"b": true, "a": null}\n'),
        ("a.jsonl", '{"a": 1}\n{"a": 2}\n{"a": 3}\n{"a": "many"}\n'),
    ],
)
def test_pieces_are_the_whole(tmp_path: Path, name: str, content: str | bytes) -> None:
    path = _write(tmp_path / name, content)
    found = large_tables.survey(path)
    assert len(found.pieces) > 1
    read = pl.concat(list(found.frames()))
    assert read.equals(tables.read(path).frame)
    assert found.num_rows == len(read)
    assert found.columns == read.columns
    for first in range(found.num_rows):
        assert pl.concat(list(found.frames(first))).equals(read.slice(first))


def test_an_empty_text_is_a_row_and_a_blank_line_is_none(tmp_path: Path) -> None:
    found = large_tables.survey(_write(tmp_path / "a.csv", 'text\none\n\n""\ntwo\n'))
    assert [row for frame in found.frames() for row in frame["text"]] == ["one", None, "two"]


def test_rows_of_separators_alone_are_left_out_with_a_note(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.csv", "x,y\n1,2\n,\n\n3,4\n,\n")
    found = large_tables.survey(path)
    assert found.num_rows == 2
    (note,) = found.notes
    assert note.endswith("a.csv: 2 rows without any value are left out.")
    assert large_tables.survey(path, keep_empty=True).notes == ()


def test_a_row_of_which_all_is_missing_keeps_its_place(tmp_path: Path) -> None:
    found = large_tables.survey(_write(tmp_path / "a.csv", "x,y\n1,2\nNA,?\n3,4\n"))
    assert [row for frame in found.frames() for row in frame.rows()] == [
        ("1", "2"), (None, None), ("3", "4"),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["a.parquet", "a.parquet.gz"])
def test_parquet_keeps_its_types(tmp_path: Path, name: str) -> None:
    frame = pl.DataFrame({"x": [1.5, None, 3], "n": [1, 2, 3], "yes": [True, None, False]})
    frame.write_parquet(tmp_path / "b.parquet", row_group_size=2)
    content = (tmp_path / "b.parquet").read_bytes()
    path = _write(tmp_path / name, gzip.compress(content) if name.endswith("gz") else content)
    found = large_tables.survey(path)
    assert pl.concat(list(found.frames())).equals(tables.read(path).frame)
    assert found.types == next(found.frames(as_written=True)).schema == frame.schema
    assert next(found.frames(2)).rows() == [(3.0, 3, "false")]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", "a,b\n1,2\n3,4\n5,6\n3\n", r"a\.csv is ragged: line 5 has 1 cells, the first h"),
        ("a.csv", "a,b,a\n1,2,3\n", r"has 2 columns named 'a'"),
        ("a.csv", "", r"a\.csv is empty"),
        ("a.csv", "\n\n", r"a\.csv is empty"),
        ("a.csv", "a,b\n", r"a\.csv holds no rows"),
        ("a.csv", 'a,b\n1,2\n1,2\n"1,2\n', r"line 4 cannot be read: unexpected end of data"),
        ("a.csv", b"a,b\n1,\x00\n", "is no text: it holds zero bytes"),
        ("a.csv.gz", gzip.compress(b"a,b\n1,2\n" * 999, mtime=0)[:-9], r"is a damaged gzip file"),
        ("a.xlsx", b"PK\x03\x04rest", r"is an Excel workbook or a zip archive"),
        ("a.parquet", b"PAR1cut", r"is a damaged Parquet file"),
        ("a.jsonl", "[1, 2]", r"holds one JSON list. Expected JSON lines"),
        ("a.jsonl", '{"a": 1}\n{x}', r"is not JSON lines"),
        ("a.jsonl", '{"a": [1]}\n', r"the column 'a' holds List"),
    ],
)
def test_what_is_no_table_is_told_before_a_row_is_read(tmp_path, name, content, message) -> None:
    with pytest.raises(DataError, match=message):
        large_tables.survey(_write(tmp_path / name, content))


def test_batches_have_one_size() -> None:
    frames = [pl.DataFrame({"x": list(range(size))}) for size in (3, 0, 5, 1)]
    cut = list(large_tables.batches(iter(frames), 4))
    assert [len(frame) for frame in cut] == [4, 4, 1]
    assert pl.concat(cut)["x"].to_list() == [0, 1, 2, 0, 1, 2, 3, 4, 0]
