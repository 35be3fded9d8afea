"""Times are read from one column or several, go on by the calendar, and are written as before."""

from datetime import date, time, timedelta

import numpy as np
import polars as pl
import pytest

from dlcli.errors import DataError
from dlcli.inputs import times


def read(*cells, time_format=None, **options):
    formats = None if time_format is None else (time_format,)
    return times.parse([pl.Series("when", cells)], formats, "t.csv", **options)


def following(found, count=2):
    frequency = found.frequency()
    assert not len(found.irregular(frequency))
    return frequency.words(), found.following(frequency, count).written()


@pytest.mark.parametrize(
    ("cells", "step", "ahead"),
    [
        (["1960-11", "1960-12"], "1 month", ["1961-01", "1961-02"]),
        (["Nov 1960", "Dec 1960"], "1 month", ["Jan 1961", "Feb 1961"]),
        (["2020-01-31", "2020-02-29", "2020-03-31"], "1 month on last day",
         ["2020-04-30", "2020-05-31"]),
        (["2019-01-01", "2020-01-01"], "1 year", ["2021-01-01", "2022-01-01"]),
        (["1990-12-30", "1990-12-31"], "1 day", ["1991-01-01", "1991-01-02"]),
        (["20200228", "20200229"], "1 day", ["20200301", "20200302"]),
        (["31.12.2019 23:00", "01.01.2020 00:00"], "1 hour",
         ["01.01.2020 01:00", "01.01.2020 02:00"]),
        (["2020-01-01T00:00:00Z", "2020-01-01T00:15:00Z"], "15 minutes",
         ["2020-01-01T00:30:00Z", "2020-01-01T00:45:00Z"]),
        (["13/01/2020", "14/01/2020"], "1 day", ["15/01/2020", "16/01/2020"]),
        (["2024-Q3", "2024-Q4"], "3 months", ["2025-Q1", "2025-Q2"]),
        (["2020-W52", "2020-W53"], "1 week", ["2021-W01", "2021-W02"]),
        ([201911, 201912], "1 month", ["202001", "202002"]),
        (["2024-03-31 00:00:00+01:00", "2024-03-31 01:00:00+01:00"], "1 hour",
         ["2024-03-31 02:00:00+01:00", "2024-03-31 03:00:00+01:00"]),
        (["2020", "2021"], "1", ["2022", "2023"]),
        (["0.1", "0.2", "0.3"], "0.1", ["0.4", "0.5"]),
        ([3, 5, 7], "2", ["9", "11"]),
        ([1704067200000000000, 1704067201000000000], "1000000000",
         ["1704067202000000000", "1704067203000000000"]),
    ],
)  # fmt: skip
def test_times_go_on_as_they_were(cells, step, ahead):
    assert following(read(*cells)) == (step, ahead)


def test_dates_and_times_of_other_files_go_on_too():
    dates = pl.Series("when", ["2020-01-01", "2020-01-08"]).str.to_date()
    assert following(read(*dates)) == ("1 week", ["2020-01-15", "2020-01-22"])
    moments = pl.Series("when", [0, 250, 500]).cast(pl.Datetime("ms"))
    ahead = following(times.parse([moments], None, "t.parquet"))
    assert ahead == ("250 milliseconds", ["1970-01-01 00:00:00.750", "1970-01-01 00:00:01.000"])
    clock = read(time(22), time(23), time(0))
    assert following(clock) == ("1 hour", ["01:00:00", "02:00:00"])
    assert clock.notes == (
        "'when' has no dates: where it goes back, 1 times, a new day is taken to begin.",
    )


def in_berlin(begin, count, every):
    utc = pl.Series("when", [begin]).str.to_datetime(time_unit="us").dt.replace_time_zone("UTC")
    first = utc.dt.convert_time_zone("Europe/Berlin")[0]
    return pl.datetime_range(first, first + (count - 1) * every, every, eager=True).alias("when")


def test_a_time_zone_knows_its_summer_time():
    hours = in_berlin("2024-10-26 22:00", 2, timedelta(hours=1))
    found = times.parse([hours], None, "t.parquet")
    assert found.zone == "Europe/Berlin"
    assert following(found, 3) == (
        "1 hour",
        ["2024-10-27 02:00:00+02:00", "2024-10-27 02:00:00+01:00", "2024-10-27 03:00:00+01:00"],
    )
    days = pl.datetime_range(
        pl.datetime(2024, 3, 29, time_zone="Europe/Berlin"),
        pl.datetime(2024, 3, 31, time_zone="Europe/Berlin"),
        "1d",
        eager=True,
    )
    assert following(times.parse([days], None, "t.parquet")) == (
        "1 day",
        ["2024-04-01 00:00:00+02:00", "2024-04-02 00:00:00+02:00"],
    )


def test_offsets_that_vary_are_moments_and_the_last_one_stays():
    found = read("2024-10-27T01:00:00+02:00", "2024-10-27T02:00:00+02:00",
                 "2024-10-27T02:00:00+01:00")  # fmt: skip
    assert following(found, 1) == ("1 hour", ["2024-10-27T03:00:00+01:00"])
    assert found.notes == (
        "the offsets of 'when' vary (+01:00, +02:00); forecasts have the last, +01:00.",
    )


def test_a_format_that_is_given_keeps_offsets_as_they_are_written():
    cells = ["2024-03-25T00:00:00+01:00", "2024-03-25T01:00:00+01:00"]
    found = read(*cells, time_format="%Y-%m-%dT%H:%M:%S%z")
    assert found.written() == cells
    assert following(found, 1)[1] == ["2024-03-25T02:00:00+01:00"]


def test_a_clock_that_is_set_back_shows_an_hour_twice():
    hours = [f"2024-10-27 {hour:02}:00" for hour in (0, 1, 2, 2, 3, 4)]
    found = read(*hours)
    assert following(found, 1) == ("1 hour", ["2024-10-27 05:00"])
    assert found.notes == (
        "'when' shows an hour twice (2024-10-27 02:00): the clock was set back, no series begins "
        "anew.",
    )
    assert read(*hours[::-1]).values.tolist() == found.values[::-1].tolist()
    assert len(np.unique(read(*hours, *hours[3:]).values)) < 9  # anything else stays as it is


def test_a_given_format_decides():
    found = read("01/02/2020", "01/03/2020", time_format="%d/%m/%Y")
    assert found.frequency().words() == "1 month"
    found = read("01/02/2020", "01/03/2020", time_format="%m/%d/%Y")
    assert found.frequency().words() == "1 day"


def test_the_format_of_a_model_is_preferred_where_it_fits():
    found = read("01/02/2020", "01/03/2020", preferred=("%m/%d/%Y",))
    assert found.frequency().words() == "1 day"
    assert read("2020-01-02", preferred=("%m/%d/%Y",)).formats == ("%Y-%m-%d",)
    assert read("202001", "202002", preferred=("number",)).formats == ("number",)


@pytest.mark.parametrize(
    ("columns", "formats", "ahead"),
    [
        ({"year": [2023, 2023], "month": [12, 12], "day": [30, 31]}, ("%Y", "%-m", "%-d"),
         ("2024", "1", "1")),
        ({"Year": [2023, 2023], "Month": [12, 12], "Day": [31, 31], "Hour": [22, 23]},
         ("%Y", "%-m", "%-d", "%-H"), ("2024", "1", "1", "0")),
        ({"ano": ["2023", "2023"], "mes": ["09", "10"]}, ("%Y", "%m"), ("2023", "11")),
        ({"year": [2023, 2023], "dayofyear": [364, 365]}, ("%Y", "%-j"), ("2024", "1")),
        ({"year": ["2023", "2023"], "month": ["November", "December"]}, ("%Y", "%B"),
         ("2024", "January")),
        ({"year": [2020, 2020], "week": [52, 53]}, ("%G", "%-V"), ("2021", "1")),
        ({"year": [2020, 2020], "quarter": [3, 4]}, ("%Y", "%q"), ("2021", "1")),
        ({"date": ["31.12.2023", "31.12.2023"], "clock": ["22:30", "23:30"]},
         ("%d.%m.%Y", "%H:%M"), ("01.01.2024", "00:30")),
        ({"date": [date(2023, 12, 31)] * 2, "hour": [22, 23]}, ("%Y-%m-%d", "%-H"),
         ("2024-01-01", "0")),
        ({"date": pl.Series([date(2023, 12, 31)] * 2).cast(pl.Datetime), "t": [time(22), time(23)]},
         ("%Y-%m-%d", "%H:%M:%S"), ("2024-01-01", "00:00:00")),
        ({"date": ["2023-12-31", "2023-12-31"], "h": [22, 23]}, ("%Y-%m-%d", "%-H"),
         ("2024-01-01", "0")),
    ],
)  # fmt: skip
def test_columns_together_are_times(columns, formats, ahead):
    taken = [pl.Series(name, cells) for name, cells in columns.items()]
    found = times.parse(taken, None, "t.csv")
    assert found.formats == formats
    assert found.following(found.frequency(), 1).cells() == [ahead]
    again = times.parse(taken, formats, "t.csv")
    assert np.array_equal(again.values, found.values)


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (["01/02/2020", "02/03/2020"], "day and month cannot be told apart: '01/02/2020'"),
        (["2020-01-01", "2020-13-01"], "t.csv row 2: 'when' is '2020-13-01', which is no time"),
        (["2020-01-01", None], "t.csv row 2: 'when', the time, is missing"),
        (["soon", "later"], "t.csv row 1: 'when' is 'soon', which is no time"),
    ],
)
def test_what_is_no_time_is_named(cells, message):
    with pytest.raises(DataError, match=message) as raised:
        read(*cells)
    assert raised.value.hint


def test_a_wrong_format_is_an_error_with_a_hint():
    with pytest.raises(DataError, match="row 2: 'when' is 'x', which is no time as '%Y-%m-%d'"):
        read("2020-01-01", "x", time_format="%Y-%m-%d")
    with pytest.raises(DataError, match=r"data\.time_format is '%M %S', which is no format of tim"):
        read("2020-01-01", time_format="%M %S")
    with pytest.raises(DataError, match=r"data\.time_format has 2 formats, and data\.time 1 col"):
        times.parse([pl.Series("when", ["2020"])], ("%Y", "%m"), "t.csv")


def test_a_part_that_is_not_understood_is_named():
    parts = [pl.Series("date", ["2020-01-01"]), pl.Series("slot", ["noon-ish"])]
    with pytest.raises(DataError, match="'slot', a part of the time, is such as 'noon-ish'"):
        times.parse(parts, None, "t.csv")
    with pytest.raises(DataError, match="row 7: 'when', the time, is missing"):
        read("2020-01-01", None, rows=np.array([2, 6]))


@pytest.mark.parametrize(
    ("cells", "count"),
    [(("9999-10", "9999-11", "9999-12"), 1), (("0001-01-01", "9001-01-01"), 1000)],
)
def test_times_that_cannot_be_written_are_refused(cells, count):
    message = f"the last row is of {cells[-1]}, and {count} more, .* go beyond the year 9999"
    with pytest.raises(DataError, match=message):
        following(read(*cells), count)
