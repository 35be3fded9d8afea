"""How numbers are written: what a person reads in a column."""

from __future__ import annotations

import polars as pl
import pytest

from dlcli.inputs import notation
from dlcli.inputs.notation import PLAIN, Notation


def numbers(cells: list[str], **options) -> tuple[list[float | None], tuple[str, ...]]:
    column = pl.Series("x", cells)
    found = notation.infer([column], **options)
    read = found.notations["x"].plain(column).cast(pl.Float64, strict=False)
    return read.to_list(), found.notes


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["1,5", "-0,25", "3"], [1.5, -0.25, 3]),
        (["1.234,5", "12", "1.234.567"], [1234.5, 12, 1234567]),
        (["1,234.5", "12"], [1234.5, 12]),
        (["12,34,567", "1,00,000"], [1234567, 100000]),
        (["1'234.50", "2\u2019000"], [1234.5, 2000]),
        (["81\u00a0168", "8\u202f656", "95", "1 000"], [81168, 8656, 95, 1000]),
        (["$5", "$1,200.50", "-$3", "$-4"], [5, 1200.5, -3, -4]),
        (["5 €", "1.200,50 €"], [5, 1200.5]),
        (["USD 5", "USD 7.5"], [5, 7.5]),
        (["5%", "8.7 %"], [5, 8.7]),
        (["12 kg", "5.5 kg"], [12, 5.5]),
        (["\u22125", "7"], [-5, 7]),
        (["(1,234.5)", "7"], [-1234.5, 7]),
        (["($5)", "$7"], [-5, 7]),
        (["8,701e-01", "1,250e+02"], [0.8701, 125]),
        (["81.168", "8.656", "1.295", "95", "7"], [81168, 8656, 1295, 95, 7]),
    ],
)
def test_other_notations(cells: list[str], expected: list[float]) -> None:
    read, notes = numbers(cells)
    assert read == expected
    assert len(notes) == (cells[0][0] != "\u2212")


@pytest.mark.parametrize(
    "cells", [["1", "2.5"], ["1e5", ".5", "5."], ["0.125", "1.250"], ["7", "-"]]
)
def test_plain_numbers_are_plain_and_not_spoken_of(cells: list[str]) -> None:
    found = notation.infer([pl.Series("x", cells)])
    assert (found.notations["x"], found.notes) == (PLAIN, ())


@pytest.mark.parametrize(
    "cells",
    [
        ["2D", "3D"], ["Q1", "Q2"], ["03:08", "01:40"], ["1.2.3", "1.2.4"], ["(1)", "(2)"],
        ["5%", "0.5"], ["5 €", "$7"], ["12 kg", "5 g"], ["2020-01-05"], ["1, 2", "3, 4"], ["red"],
        ["5 apples", "7"],
    ],
)  # fmt: skip
def test_what_is_no_number(cells: list[str]) -> None:
    assert not notation.infer([pl.Series("x", cells)]).notations


def test_other_columns_decide_where_one_leaves_it_open() -> None:
    dots, commas = pl.Series("d", ["81.168", "8.656"]), pl.Series("c", ["81,168", "8,656"])
    german, english = pl.Series("g", ["0,5", "1,25"]), pl.Series("e", ["0.5", "1.25"])
    found = notation.infer([dots, commas, german])
    assert [found.notations[name].plain(pl.Series([cell]))[0] for name, cell in (
        ("d", "81.168"), ("c", "81,168")
    )] == ["81168", "81.168"]  # fmt: skip
    assert found.inferred == {"decimal": ",", "thousands": "."}
    found = notation.infer([dots, commas, english])
    assert found.notations["d"] == PLAIN
    assert found.notations["c"] == Notation(".", ",")
    assert len(found.notes) == 1


def test_an_open_reading_is_said_with_what_changes_it() -> None:
    read, (note,) = numbers(["81.168", "8.656", "1.295"])
    assert read == [81.168, 8.656, 1.295]
    assert "'81.168' is not 81168. Otherwise: 'data.thousands=" in note
    assert numbers(["81.168", "8.656"], thousands=".")[0] == [81168, 8656]
    assert numbers(["81.168", "8.656"], thousands="none") == ([81.168, 8.656], ())
    read, (note,) = numbers(["81,168", "8,656"])
    assert read == [81168, 8656]
    assert "data.decimal" in note
    assert numbers(["81,168", "8,656"], decimal=",")[0] == [81.168, 8.656]
    assert numbers(["81,168", "8,656"], semicolons=True)[0] == [81.168, 8.656]


def test_a_new_file_is_read_as_the_model_knows_it() -> None:
    known = {"x": Notation(",", ".", "€", words=("k. A.",))}
    column = pl.Series("x", ["81.168 €", "8.656 €", "k. A."])
    found = notation.infer([column], preferred=known)
    assert found.notations["x"] == known["x"]
    assert not found.notes
    found = notation.infer([pl.Series("x", ["1.5", "2.25"])], preferred=known)
    assert found.notations["x"].decimal == "."


def test_the_example_of_a_note_shows_what_is_not_plain() -> None:
    _, (note,) = numbers(["283.00", "(17.5)", "1.25"])
    assert "'(17.5)' is -17.5." in note


def test_a_new_file_that_may_count_thousands_is_reported_where_that_fits_the_model() -> None:
    column = pl.Series("x", ["1.108", "5.250"])
    known = {"preferred": {"x": PLAIN}}
    assert notation.infer([column], **known, ranges={"x": (1, 6)}).notes == ()
    found = notation.infer([column], **known, ranges={"x": (200, 9000)})
    assert found.notations["x"] == PLAIN
    assert found.notes == (
        "the numbers of 'x' are read with a decimal point: '1.108' is not 1108. Otherwise: "
        "'data.thousands=\".\"'",
    )


def test_units_are_kept_if_that_is_wanted() -> None:
    assert not notation.infer([pl.Series("x", ["5%", "7%"])], units="keep").notations
