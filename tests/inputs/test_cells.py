"""Which columns of a table can be used, and what is said of the others."""

from __future__ import annotations

import polars as pl

from dlcli.inputs import cells


def test_the_type_of_a_large_structure_is_cut_off() -> None:
    large = pl.Struct({f"field_{number}": pl.Int64 for number in range(300)})
    types = pl.Schema({"x": pl.Int64, "all": large})
    (note,) = cells.left_out(types, [], [], "t.json")
    assert note.startswith("t.json: the column 'all' (Struct({'field_0': Int64, ")
    assert len(note) < 160


def test_numbers_that_mean_missing_are_so_in_columns_of_every_type() -> None:
    frame = pl.DataFrame({"text": ["-9999", "1"], "whole": [-9999, 1], "real": [-9999.0, 1.5]})
    found = cells.cleaned(frame, ["", "nan", "-9999"])
    assert found.rows() == [(None, None, None), ("1", 1, 1.5)]
    assert found.schema == frame.schema


def test_an_infinity_that_means_missing_is_so_in_a_column_of_numbers() -> None:
    frame = pl.DataFrame({"text": ["inf", "1"], "real": [float("inf"), 1.5]})
    assert cells.cleaned(frame, ["", "inf"]).rows() == [(None, None), ("1", 1.5)]


def test_what_shows_nothing_does_not_count_around_a_cell() -> None:
    frame = pl.DataFrame({"text": ["\u200eyes\u00a0", "\ufeffyes \u200b", "\u2060"]})
    assert cells.cleaned(frame, [""])["text"].to_list() == ["yes", "yes", None]
