"""The columns of the times are found, and several series in one table are seen."""

import re

import polars as pl
import pytest

from dlcli.errors import DataError
from dlcli.inputs import time_columns


def guessed(**columns):
    return time_columns.guessed(pl.DataFrame(columns), None, "t.csv")


DAYS = ["2024-01-01", "2024-01-02", "2024-01-03"]


@pytest.mark.parametrize("name", ["Date", "TIMESTAMP", "date", "ds"])
def test_a_column_of_dates_is_known_by_its_name(name):
    assert guessed(**{"a": DAYS, name: DAYS}) == ((name,), ())


def test_dates_of_another_name_are_taken_and_that_is_said():
    names, notes = guessed(x=["1", "2", "3"], Datum=DAYS)
    assert names == ("Datum",)
    assert notes == (
        "'Datum' is taken for the times of t.csv; name others with data.time, or none with "
        "'data.time=[]'",
    )


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"year": ["2023", "2024"], "month": ["12", "1"], "day": ["31", "1"]},
         ("year", "month", "day")),
        ({"year": [2024] * 2, "month": [1] * 2, "day": [1] * 2, "hour": [0, 1]},
         ("year", "month", "day", "hour")),
        ({"year": [2024] * 2, "month": [1, 2]}, ("year", "month")),
        ({"year": [2024] * 2, "week": [1, 2]}, ("year", "week")),
        ({"year": [2024] * 2, "quarter": [1, 2]}, ("year", "quarter")),
        ({"date": ["2024-01-01"] * 2, "clock": ["10:00", "11:00"]}, ("date", "clock")),
        ({"date": ["2024-01-01"] * 2, "hour": ["0", "1"]}, ("date", "hour")),
    ],
)  # fmt: skip
def test_parts_of_times_are_taken_together(columns, expected):
    names, notes = guessed(**columns, x=["5", "6"])
    assert names == expected
    listed = "', '".join(expected)
    assert f"'{listed}' together are taken for the times" in notes[0]


@pytest.mark.parametrize(
    "columns",
    [
        {"month": ["11", "12", "1"]},
        {"day": [1, 2, 1]},
        {"week": [3, 2, 1]},
        {"hour": [0, 1, 2]},
        {"month": ["1", "2", "3"], "x": ["2024.05", "2024.06", "2024.07"]},
    ],
)
def test_small_numbers_alone_are_no_times_unless_they_count_up(columns):
    names, _ = guessed(**columns)
    assert names == (("month",) if columns.get("month") == ["1", "2", "3"] else ())


def test_long_dates_without_marks_are_taken_under_any_name():
    hours = ["2024013122", "2024013123", "2024020100"]
    assert guessed(MESS_DATUM=hours, y=["1", "2", "3"])[0] == ("MESS_DATUM",)
    assert guessed(day=[1, 2, 2], MESS_DATUM=[int(hour) for hour in hours])[0] == ("MESS_DATUM",)
    for cells in (["20240131", "20240130", "20240201"], ["20240131", "20240132"], [202401, 202402]):
        assert guessed(code=cells, y=["1"] * len(cells)) == ((), ())


def test_numbers_of_a_name_of_time_are_taken():
    for name, cells in {"time": [9, 5, 7], "year": ["1999", "2000"], "month": [201911, 201912],
                        "day": [1, 2, 300]}.items():  # fmt: skip
        assert guessed(**{name: cells})[0] == (name,)


@pytest.mark.parametrize("bad", ["2024-02-30", "Total", "2024-01-04 00:00:00+01:00"])
def test_a_cell_among_dates_that_is_none_is_an_error(bad):
    with pytest.raises(DataError, match=rf"row 4: 'time' is '{re.escape(bad)}', which is no time"):
        guessed(time=[*DAYS, bad], y=["1", "2", "3", "4"])
    assert guessed(time=["2024-01-01", "soon", "later"], y=["1", "2", "3"]) == ((), ())


def test_times_that_are_not_understood_are_an_error_under_a_name_of_time():
    cells = ["28/12/2023 05:00 a.m.", "28/12/2023 04:00 a.m."]
    with pytest.raises(DataError, match="which is no time that is understood") as caught:
        guessed(Date=cells, y=["1", "2"])
    assert "'data.time=[]'" in caught.value.hint
    assert guessed(name=cells, y=["1", "2"]) == ((), ())
    assert guessed(day=["Mon", "Tue"], y=["1", "2"]) == ((), ())
    assert guessed(when=DAYS, week=["W1", "W2", "W3"])[0] == ("when",)


def test_times_of_the_day_alone_are_taken():
    assert guessed(time=["23:00", "00:00", "01:00"])[0] == ("time",)


def test_several_series_stop_and_their_column_is_named():
    with pytest.raises(DataError) as raised:
        guessed(store=["A"] * 3 + ["B"] * 3, date=DAYS * 2, sales=[1.5, 2.5, 3.0, 4.0, 5.0, 6.0])
    assert raised.value.message == (
        "6 of 6 rows of t.csv share their time with another row, such as 2024-01-01 ('date'): "
        "these are 2 series, told apart by 'store'."
    )
    assert "such as the rows whose 'store' is A" in raised.value.hint
    assert "data.time=COLUMN" in raised.value.hint


def test_repeated_times_stop_where_no_column_tells_them_apart():
    with pytest.raises(DataError, match=r"2 of 3 rows .* such as 2024-01-01 \('date'\)\."):
        guessed(date=["2024-01-01", "2024-01-01", "2024-01-02"], y=["1.5", "2", "3"])
    with pytest.raises(DataError, match=r"\('date'\)\.$"):  # the hours tell no series apart
        guessed(date=["2024-01-01"] * 3 + ["2024-01-02"] * 3, time=["08:00", "16:00", "24:00"] * 2)
    with pytest.raises(DataError, match=r"told apart by 'country'"):
        guessed(country=["a", "a", "b", "b"], year=[2000, 2001] * 2)


def test_a_format_that_is_given_is_read():
    frame = pl.DataFrame({"x": ["1", "2"], "when": ["2024 | 2", "2024 | 3"]})
    assert time_columns.guessed(frame, ("%Y | %m",), "t.csv")[0] == ("when",)
