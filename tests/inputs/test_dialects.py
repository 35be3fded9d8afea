"""How a table is written, found from its start."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from dlcli.errors import DataError
from dlcli.inputs import dialects, large_tables, tables

ROWS = [("0.5", "-1.5", "red", "yes"), ("2.7", "-2.5", "green", "no"), ("1.1", "3", "red", "no")]
NAMES = ["x1", "x2", "colour", "label"]
LINES = [",".join(cells) for cells in (NAMES, *ROWS)]


@pytest.fixture
def write(tmp_path: Path):
    def write(content: str | list[str], name: str = "a.csv", end: str = "\n") -> Path:
        path = tmp_path / name
        text = content if isinstance(content, str) else end.join([*content, ""])
        path.write_bytes(text.encode())
        return path

    return write


def detect(text: str, **options) -> dialects.Dialect:
    return dialects.detect(text, True, "a.csv", **options)


@pytest.mark.parametrize(
    ("lines", "end"),
    [
        (["sep=;", *[line.replace(",", ";") for line in LINES]], "\r\n"),
        (['"sep=\t"', *[line.replace(",", "\t") for line in LINES]], "\n"),
        ([line.replace(",", " ") for line in LINES], "\n"),
        ([line.replace(",", "   ") + " " for line in LINES], "\r\n"),
        (["  " + line.replace(",", " \t") for line in LINES], "\n"),
        ([line.replace(",", ", ") for line in LINES], "\n"),
        (["# made on Tuesday", "# by me", *LINES], "\n"),
        (["# a logger", "# serial,1,2,3", "# UTC", *LINES], "\n"),
        (["\ufeff\ufeff" + LINES[0], *LINES[1:]], "\n"),
        (["Sales,,,", ",,,", *LINES], "\n"),
        ([*LINES, "\x1a"], "\r\n"),
        (LINES, "\r"),
        ([LINES[0], *[f"{line}," for line in LINES[1:]]], "\n"),
        ([*LINES, "", "Source: nobody"], "\n"),
        (["\ufeff" + LINES[0], LINES[1], LINES[0], *LINES[2:]], "\n"),
    ],
)
def test_one_table_in_many_forms(write, lines: list[str], end: str) -> None:
    path = write(lines, end=end)
    if lines[-1] == "\x1a":
        path.write_bytes(path.read_bytes().removesuffix(b"\r\n"))
    contents = tables.read(path)
    assert contents.frame.columns == NAMES
    assert contents.frame.rows() == ROWS
    assert contents.reading["header"] is True
    again = {key: value for key, value in contents.reading.items() if key != "encoding"}
    assert tables.read(path, **again).frame.equals(contents.frame)  # what the recipe of a run says


@pytest.mark.parametrize(
    ("text", "quote", "cell"),
    [
        ('a,b\n1,"he said \\"no\\", twice"\n2,x\n', "backslash", 'he said "no", twice'),
        ("a,b\n1,'red, dark'\n2,'don''t'\n", "single", "red, dark"),
        ('a,b\n1,5" red\n2,"x, y"\n', "double", '5" red'),
        ('a,b\n1,6" red\n2,7" blue, or so\n3,x\n'.replace(", or", " or"), "double", '6" red'),
        ('a, b\n1, "red, dark"\n2, x\n', "double", "red, dark"),
        ('a,b\n1,"C:\\dir\\"\n2,x\n', "double", "C:\\dir\\"),
        ("a,b\n1,it's\n2,'tis\n", "double", "it's"),
    ],
)
def test_quotation_marks(write, text: str, quote: str, cell: str) -> None:
    contents = tables.read(write(text))
    assert contents.reading["quote"] == quote
    assert contents.frame["b"][0] == cell
    assert len(contents.notes) == (quote != "double")


@pytest.mark.parametrize(
    ("text", "separator", "is_noted"),
    [
        ("Temp, in;Druck, hPa;y\n0,07;-1,58;a\n2,7;-2,79;b\n", "semicolon", True),
        ("0,07;-1,58;a\n2,7;-2,79;b\n", "semicolon", True),
        ("a;b\n0,07;-1,58\n2,7;-2,79\n", "semicolon", False),
        ("a,b\n1,x;y;z\n2,u;v;w\n", "comma", False),
        ("a,b\n1,x|y\n2,u|v\n", "comma", False),
        ("a|b,c\n1|2,5\n2|3,1\n", "pipe", True),
        ("name\nAnna Smith\nBo Jones\n", "comma", False),
        ('$1,250|it\'s, so\n$3,400|"5"" wide, or"\n$2,100|x\n', "pipe", False),
        ("text\nwas it good\nnever was so\n", "comma", False),
    ],
)
def test_the_separator_is_the_one_that_leaves_cells_whole(text, separator, is_noted) -> None:
    found = detect(text)
    assert found.separator == separator
    assert bool(found.notes) == is_noted


@pytest.mark.parametrize(
    ("text", "header", "is_noted"),
    [
        ("a,b\n1,2\n", True, False),
        ("5.1,setosa\n4.9,virginica\n", False, False),
        ("0,07;1,5;a\n1,2;3,4;b\n", False, True),  # it is the separator that is noted
        ("country,1990,1991,1992\nc0,0.1,1.2,3.4\nc1,2.1,3.2,5.4\n", True, True),
        ("0,1,2,label\n-0.8,1.3,2.4,A\n0.7,1.2,0.1,B\n", True, True),
        ("0,1\n-0.8,1.3\n0.7,1.2\n", True, True),
        (",0,1,2\n0,0.5,1.5,2.5\n1,3.5,4.5,5.5\n", True, True),
        ("1,2,3\n4,5,6\n7,8,9\n", False, False),
        ("1,2,3\n7,1,4\n2,8,9\n", False, False),
        ("x,2020\n3,4\n5,6\n", True, True),
        ("NA,5,red\n1,6,blue\n", False, False),
        ("7,19,40\n0.5,1.5,0.1\n1.25,3.5,2.2\n", False, True),
        ("2020-01-01,5\n2020-01-02,6\n", False, False),
        ("ham\tso it goes\nspam\tbuy now\nham\twell\nham\tyes\n", False, True),
        ("x,y\na,b\nx,y\nc,d\n", True, False),  # a header that is repeated
        ("12.5\n13\n", False, False),
        ("so it goes,red\nnever was it so,blue\nwell it was,red\n", True, True),
        ("text,label\nnever was it so,blue\nwell it was,red\n", True, False),
        ("What do you think?,y\ngood,1\nbad,0\n", True, False),
        ("station;temp;eor\n44;1.5;eor\n44;2.5;eor\n", True, True),  # as the DWD ends its rows
    ],
)
def test_a_header_is_told_by_the_lines_below(text: str, header: bool, is_noted: bool) -> None:
    found = detect(text)
    assert found.header is header
    assert bool(found.notes) == is_noted
    assert all("data." in note for note in found.notes)


def test_names_that_are_asked_for_are_a_header() -> None:
    text = "made by hand\n7,19,40\n0.5,1.5,0.1\n1.25,3.5,2.2\n"
    assert detect(text).skip_lines == 0
    found = detect(text, columns=["19"])
    assert (found.header, found.skip_lines) == (True, 1)
    assert found.notes == (
        "a.csv: 1 line at its start is left out, such as 'made by hand' (data.skip_lines).",
    )


def test_what_the_model_had_decides_where_the_file_does_not() -> None:
    text = "a|b,c\n1|2,5\n2|3,1\n"
    assert detect(text).separator == "pipe"
    found = detect(text, preferred={"separator": "comma", "quote": "double"})
    assert (found.separator, found.notes) == ("comma", ())
    assert detect("a;b\n1;2\n", preferred={"separator": "comma"}).separator == "semicolon"
    assert detect("ham,so\nspam,it\n", preferred={"header": False}).header is False


def test_what_is_given_is_not_guessed() -> None:
    found = detect("0,1,2\n0.5,1.5,2.5\n", header=False, separator="semicolon", skip_lines=1)
    assert (found.header, found.separator, found.skip_lines) == (False, "semicolon", 1)
    assert found.notes == ()


def test_a_separator_that_cannot_be_is_refused(write) -> None:
    with pytest.raises(DataError, match=r"says that ':' cuts its cells\. Expected one of: comma"):
        tables.read(write("sep=:\na:b\n1:2\n"))


@pytest.mark.parametrize("text", ["", "\n\n  \n", "\ufeff", "\x1a", "sep=;\n"])
def test_nothing_is_told_as_nothing(write, text: str) -> None:
    with pytest.raises(DataError, match=r"a\.csv is empty"):
        tables.read(write(text))


def test_a_column_without_a_name_is_called_as_no_other(write) -> None:
    assert tables.read(write("column_2,,c\n1,2,3\n")).frame.columns == [
        "column_2",
        "column_2_",
        "c",
    ]


def test_a_title_in_the_way_is_named_with_its_lines(write) -> None:
    with pytest.raises(DataError, match="ragged") as caught:
        tables.read(write("made\nby hand\na,b,c\n1,2,3\n4,5,6\n"))
    assert "data.skip_lines=2" in caught.value.hint


def test_comments_are_no_header_though_they_hold_a_name_that_is_asked_for(write) -> None:
    path = write("# made by\n# y,of,z\ndate,y,z\n2020,1,2\n2021,3,4\n")
    assert tables.read(path, columns=["y", "z"]).frame.columns == ["date", "y", "z"]
    path = write("# made by\n#date,y,z\n2020,1,2\n2021,3,4\n")
    assert tables.read(path, columns=["#date"]).frame.columns == ["#date", "y", "z"]


def test_a_mark_at_the_end_of_a_cell_is_text(write) -> None:
    rows = [(f"5'{number}\"", "1", "a b") for number in range(99)]
    text = "".join(f"{a};{b};{c}\n" for a, b, c in [("size", "n", "name"), *rows])
    assert tables.read(write(text)).frame.rows() == rows


def test_a_carriage_return_that_ends_no_line_is_named(write) -> None:
    with pytest.raises(DataError, match="line 3 holds a carriage return that ends no line"):
        tables.read(write("a,b\n1,2\n3,4\r5,6\r"))


def test_a_last_line_that_is_cut_off_is_no_remark(write) -> None:
    with pytest.raises(DataError, match="ragged: line 4 has 1 cells"):
        tables.read(write("a,b\n1,2\n3,4\n5\n"))


@pytest.mark.parametrize("plain", [True, False])
def test_rows_without_values_keep_their_place_in_a_series(write, plain: bool) -> None:
    text = "y\n10\n\nNA\n12\n\n" if plain else 'y\n10\n""\nNA\n12\n\n'
    contents = tables.read(write(text), keep_empty=True)
    assert contents.frame["y"].to_list() == ["10", None, None, "12"]
    frame = tables.read(write("a,b\n1,2\n\n,\n3,4\n"), keep_empty=True).frame
    assert frame.rows() == [("1", "2"), (None, None), ("3", "4")]


@pytest.mark.parametrize(
    "text",
    [
        "a b\n" + "".join(f"{row}   {row / 7:.3f}\n" for row in range(20)),
        "a,b\n" + "".join(f'{row},"x \\"{row}\\", y"\n' for row in range(20)),
        "a,b\n" + "".join(f'{row},{row}" wide\n' for row in range(20)),
        "# so\na,b\n" + "".join(f"{row},{row}\n\n" for row in range(20)) + "\nend\n",
        "a,b\r" + "".join(f"{row},{row}\r" for row in range(20)),
    ],
)
def test_pieces_are_the_whole(write, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    path = write(text)
    whole = tables.read(path).frame
    assert whole["a"].to_list() == [str(row) for row in range(20)]
    monkeypatch.setattr(large_tables, "_PIECE_ROWS", 3)
    found = large_tables.survey(path)
    assert len(found.pieces) > 3
    assert pl.concat(list(found.frames())).equals(whole)
    assert next(found.frames(7)).row(0) == whole.row(7)
