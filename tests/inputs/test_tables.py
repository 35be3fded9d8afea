"""Tables of every format, encoding and quirk that users have."""

from __future__ import annotations

import gzip
import io
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from PIL import Image

from dlcli.errors import DataError
from dlcli.inputs import large_tables, tables

ROWS = [("Anna", "3"), ("Bo", "4.5")]


@pytest.fixture
def write(tmp_path: Path):
    def write(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "name,age\nAnna,3\nBo,4.5\n"),
        ("a.csv", "name,age\r\nAnna,3\r\nBo,4.5"),
        ("a.csv", "\ufeffname;age\nAnna;3\nBo;4.5\n"),
        ("a.tsv", "name\tage\nAnna\t3\nBo\t4.5\n"),
        ("a.txt", "name|age\nAnna|3\nBo|4.5\n"),
        ("a.csv", ' name , age \n Anna ,"3"\n\n,\nBo,4.5\n'),
        ("stdin", '{"name": "Anna", "age": "3"}\n{"age": "4.5", "name": "Bo"}\n'),
        ("a.jsonl", '{"name": "Anna", "age": "3"}\n{"age": "4.5", "name": "Bo"}\n'),
    ],
)
def test_formats_and_separators_give_the_same_table(write, name: str, text: str) -> None:
    for path in (write(name, text), write(f"{name}.gz", gzip.compress(text.encode()))):
        frame = tables.read(path).frame
        assert frame.columns == ["name", "age"]
        assert frame.rows() == ROWS


def test_parquet_keeps_its_types(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    frame = pl.DataFrame({"x": [1.5, None], "n": [1, 2], "yes": [True, None], "t": [" a ", "NA"]})
    frame.write_parquet(path)
    read = tables.read(path).frame
    assert read.rows() == [(1.5, 1, "true", "a"), (None, 2, None, None)]
    path.with_name("b.parquet.gz").write_bytes(gzip.compress(path.read_bytes()))
    assert tables.read(path.with_name("b.parquet.gz")).frame.equals(read)


def test_a_quoted_cell_may_hold_separators_newlines_and_quotes(write) -> None:
    frame = tables.read(write("a.csv", 'a,b\n"x, ""y""\nz",1\n')).frame
    assert frame.rows() == [('x, "y"\nz', "1")]


def test_a_file_that_never_quotes(write) -> None:
    path = write("a.tsv", 'a\tb\n"quoted\t1\n5" wide\t2\n')
    assert tables.read(path, quote="none").frame.rows() == [('"quoted', "1"), ('5" wide', "2")]
    with pytest.raises(DataError, match=r"a\.tsv") as caught:
        tables.read(path)
    assert caught.value.hint == "If the file never quotes its cells: data.quote=none"


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8", "姓名,年龄\n李雷,3\n"),
        ("gb18030", "姓名,年龄\n李雷,3\n"),
        ("gb18030", "姓名,Köln\n李雷,3\n"),
        ("utf-16", "姓名,年龄\n李雷,3\n"),
        ("latin-1", "prénom,âge\nFrançois,3\n"),
        ("cp1252", "prénom,prix\nZoë,3 €\n"),
    ],
)
def test_the_encoding_is_found_out(write, encoding: str, text: str) -> None:
    names, row, _ = text.split("\n")
    frame = tables.read(write("a.csv", text.encode(encoding))).frame
    assert frame.columns == names.split(",")
    assert frame.rows() == [tuple(row.split(","))]


def test_the_encoding_can_be_given(write) -> None:
    path = write("a.csv", "x\nñ\n".encode("mac-roman"))
    assert tables.read(path, encoding="mac-roman").frame.rows() == [("ñ",)]
    with pytest.raises(DataError, match=r"a\.csv is not utf-8 text: .* offset 2"):
        tables.read(path, encoding="utf-8")
    with pytest.raises(DataError, match=r"data\.encoding is 'utf-9', which Python does not know"):
        tables.read(path, encoding="utf-9")


def test_a_first_line_with_a_number_is_no_header(write) -> None:
    path = write("a.csv", "5.1,setosa\n4.9,virginica\n")
    assert tables.read(path).frame.columns == ["column_1", "column_2"]
    assert tables.read(path, header=True).frame.columns == ["5.1", "setosa"]
    assert len(tables.read(write("b.csv", "a,b\nc,d\n"), header=False).frame) == 2


def test_lines_before_the_header_can_be_left_out(write) -> None:
    path = write("a.csv", "made by hand\na,b\n1,2\n")
    assert tables.read(path, skip_lines=1).frame.rows() == [("1", "2")]
    with pytest.raises(DataError, match=r"ragged: line 2 has 2 cells, the first has 1"):
        tables.read(path)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "AVIF", "JPEG2000"])
def test_a_picture_is_told_from_a_table(write, form: str) -> None:
    content = io.BytesIO()
    Image.new("RGB", (40, 30)).save(content, form)
    path = write("a.jpg", content.getvalue())
    for read in (tables.read, large_tables.survey):
        with pytest.raises(
            DataError, match=r"a\.jpg is a picture\. Expected a table: CSV"
        ) as caught:
            read(path)
        assert caught.value.hint == "Give another file, or use a recipe or a run of pictures."


def test_what_means_missing_can_be_chosen(write) -> None:
    path = write("a.csv", "a,b\nNA,-\n?,x\n")
    assert tables.read(path).frame.rows() == [(None, "-"), (None, "x")]
    assert tables.read(path, missing_values=["-"]).frame.rows() == [("NA", None), ("?", "x")]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", "a,b\n1,2\n3\n", r"a\.csv is ragged: line 3 has 1 cells, the first has 2"),
        ("a.csv", 'a,b\n"x\ny",2\n1,2,3\n', r"ragged: line 4 has 3 cells"),
        ("a.csv", "a,b,a\n1,2,3\n", r"has 2 columns named 'a'"),
        ("a.csv", "", r"a\.csv is empty"),
        ("a.csv", "a,b\n", r"a\.csv holds no rows"),
        ("a.csv", 'a,b\n"1,2\n', r"line 2 cannot be read: unexpected end of data"),
        ("a.csv.gz", b"\x1f\x8b\x08cut", r"is a damaged gzip file"),
        ("a.xlsx", b"PK\x03\x04rest", r"is an Excel workbook or a zip archive"),
        ("a.parquet", b"PAR1cut", r"is a damaged Parquet file"),
        ("a.jsonl", "[1, 2]", r"holds one JSON list. Expected JSON lines"),
        ("a.jsonl", "{x}", r"is not JSON lines"),
        ("a.jsonl", '{"a": [1]}\n', r"the column 'a' holds List"),
    ],
)
def test_what_is_no_table_is_told_why(write, name, content, message: str) -> None:
    with pytest.raises(DataError, match=message):
        tables.read(write(name, content))


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"there is no file .*none\.csv"):
        tables.read(tmp_path / "none.csv")
    with pytest.raises(DataError, match="is a folder"):
        tables.read(tmp_path)


def test_reading_needs_no_tensorflow() -> None:
    import subprocess
    import sys

    code = (
        "import sys\nfrom dlcli.inputs import columns, tables\n"
        "sys.exit(bool({'tensorflow', 'keras'} & set(sys.modules)))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("name", "options", "shape"),
    [
        ("titanic.csv", {}, (891, 15)),
        ("diamonds.csv.gz", {}, (53940, 10)),
        ("california_housing.csv", {}, (20640, 10)),
        ("wine.csv", {}, (178, 14)),
        ("breast_cancer.csv", {"skip_lines": 1}, (569, 31)),
    ],
)
def test_real_files(shared_data: Path, name: str, options, shape: tuple[int, int]) -> None:
    assert tables.read(shared_data / "tabular" / name, **options).frame.shape == shape


def test_a_ragged_table_is_not_told_to_be_cut_as_it_is(write) -> None:
    path = write("a.csv", "a;b\n1;2\n3\n")
    for read in (tables.read, large_tables.survey):
        with pytest.raises(DataError, match=r"a\.csv is ragged: line 3") as caught:
            read(path)
        assert "if it is not a semicolon that cuts the cells" in caught.value.hint
        assert "data.separator=comma, tab, pipe or space." in caught.value.hint


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.jsonl", '{"a": 1, "b": NaN}\n{"a": 2.5, "b": "x: NaN, y"}\n'),
        ("a.json", '[{"a": 1, "b": null}, {"a": 2.5,\n "b": "x: NaN, y"}]'),
        ("stdin", '\ufeff [{"a": 1}, {"a": 2.5, "b": "x: NaN, y"}]'),
        ("a.jsonl", '\ufeff{"a": 1}\n\n{"b": "x: NaN, y", "a": 2.5}'),
    ],
)
def test_forms_of_json(write, name: str, text: str) -> None:
    path = write(name, text)
    frame = tables.read(path).frame
    assert frame.select("a", "b").rows() == [(1.0, None), (2.5, "x: NaN, y")]
    assert pl.concat(list(large_tables.survey(path).frames())).equals(frame)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.json", '[{"a": 1}, 2]', "a list of objects"),
        ("a.json", '[{"a": 1}', "is not JSON"),
        ("a.json", '{\n "a": 1\n}', "is not JSON lines"),
        ("a.jsonl", '{"a": Infinity}\n', "is not JSON lines"),
    ],
)
def test_json_that_is_no_table(write, name: str, text: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        tables.read(write(name, text))


def test_columns_that_hold_no_single_values_are_left_out(tmp_path: Path, write) -> None:
    frame = pl.DataFrame(
        {
            "x": [1.5, 2.5],
            "tags": [[1], [2, 3]],
            "meta": [{"a": 1}, {"a": 2}],
            "raw": [b"a", b"b"],
            "took": [timedelta(1), timedelta(2)],
        }
    )
    path = tmp_path / "a.parquet"
    frame.write_parquet(path)
    contents, survey = tables.read(path), large_tables.survey(path)
    assert contents.frame.columns == survey.columns == ["x"]
    assert pl.concat(list(survey.frames())).equals(contents.frame)
    (note,) = contents.notes
    for name in frame.columns[1:]:
        assert f"'{name}' (" in note
        with pytest.raises(DataError, match=f"the column '{name}' holds "):
            tables.read(path, columns=[name])
    lines = write("a.jsonl", '{"x": 1, "t": [1]}\n{"x": 2, "t": {"u": 3}}\n{"x": 3, "t": null}\n')
    assert tables.read(lines).frame.rows() == [(1,), (2,), (3,)]
    with pytest.raises(DataError, match="the column 't' holds List"):
        tables.read(write("b.jsonl", '{"t": [1]}\n'))


@pytest.mark.parametrize(
    ("start", "message"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "is an old Excel workbook"),
        (b"\xfd7zXZ\0", "is packed with xz"),
        (b"ARROW1\0\0", "is an Arrow or Feather file"),
        (b"SQLite format 3\0", "is an SQLite database"),
    ],
)
def test_other_formats_are_named(write, start: bytes, message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        tables.read(write("a.csv", start + bytes(100)))
    assert "Expected CSV" in caught.value.message


def test_a_damaged_parquet_file_is_named_when_its_rows_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pl.DataFrame({"x": [str(row) for row in range(5000)]}).write_parquet(path)
    content = bytearray(path.read_bytes())
    content[4:2000] = bytes(1996)
    path.write_bytes(content)
    found = large_tables.survey(path)
    for read in (lambda: list(found.frames()), lambda: tables.read(path)):
        with pytest.raises(DataError, match=r"a\.parquet is a damaged Parquet file"):
            read()


def test_a_model_s_reading_is_preferred_and_what_was_set_is_imposed(write) -> None:
    stored = {"header": False, "separator": "comma", "encoding": "utf-8", "missing_values": ["-"]}
    metadata = {
        "input": {"reading": stored, "columns": [{"name": "age"}]},
        "forecast": {"columns": [{"name": "y"}], "targets": [{"name": "z"}], "time": "t"},
    }
    reading = tables.reading_for(metadata)
    assert reading["columns"] == ["age", "y", "z", "t"]
    path = write("a.csv", "name;age\nAnna;-\n")
    assert tables.read(path, **reading).frame.rows() == [("Anna", None)]
    metadata["set"] = {"separator": "comma", "decimal": ","}
    assert tables.read(path, **tables.reading_for(metadata)).frame.columns == ["column_1"]
    assert tables.reading_for({"input": {}})["missing_values"] == tables.MISSING_VALUES


@pytest.mark.parametrize("name", ["new.csv", "new.jsonl", "new.parquet"])
def test_a_name_that_looks_the_same_is_the_column_that_is_asked_for(
    tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    frame = pl.DataFrame(
        {"Gro\u0308\u00dfe": ["1", "2"], " Ort\ufeff": ["a", "b"], "x": ["c", "d"]}
    )
    write = {".csv": frame.write_csv, ".jsonl": frame.write_ndjson, ".parquet": frame.write_parquet}
    write[path.suffix](path)
    found = tables.read(path, columns=["Gr\u00f6\u00dfe", "Ort"]).frame
    assert found.columns == ["Gr\u00f6\u00dfe", "Ort", "x"]
    assert found.rows() == frame.rows()
    own = tables.read(path, columns=["x"]).frame.columns
    assert own[0] == "Gro\u0308\u00dfe"  # as it is written, where nothing else is asked for


@pytest.mark.parametrize("name", ["*", "^a.*$"])
def test_a_name_that_stands_for_several_columns_is_refused(tmp_path: Path, name: str) -> None:
    frame = pl.DataFrame({"a": ["1", "2"], name: ["3", "4"]})
    frame.write_csv(tmp_path / "t.csv")
    frame.write_parquet(tmp_path / "t.parquet")
    for file in ("t.csv", "t.parquet"):
        with pytest.raises(DataError, match="which stands for several columns"):
            tables.read(tmp_path / file)


def test_a_pipe_is_read_once(tmp_path: Path) -> None:
    import os
    import threading

    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    threading.Thread(target=lambda: pipe.write_text("a,b\n1,2\n"), daemon=True).start()
    assert tables.read(pipe).frame.rows() == [("1", "2")]


def test_numbers_come_out_plain_where_that_is_asked_for(write) -> None:
    path = write("a.csv", "day;sold;price;label\n2020-01-01;1.234;0,5;1,5\n2020-01-02;7;x;2,5\n")
    form = {"decimal": "auto", "thousands": "auto", "units": "auto"}
    contents = tables.read(path, **form)
    assert contents.frame.rows() == [
        ("2020-01-01", "1234", "0.5", "1.5"),
        ("2020-01-02", "7", "x", "2.5"),
    ]
    assert contents.reading["decimal"] == ","
    assert contents.notes
    assert tables.read(path).frame["sold"][0] == "1.234"
    stored = {"input": {"reading": {**form, "decimal": ",", "missing_values": [""]}}}
    again = write("b.csv", "day;sold\n2020-01-03;1.234\n")
    assert tables.read(again, **tables.number_reading_for(stored)).frame["sold"][0] == "1234"
