"""Tables of every format, encoding and quirk that users have."""

from __future__ import annotations

import gzip
import io
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
