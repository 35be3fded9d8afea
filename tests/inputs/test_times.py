"""Times are read in the common forms, continued by the calendar, and written as they were."""

import numpy as np
import polars as pl
import pytest

from dlcli.errors import DataError
from dlcli.inputs import times


def read(*cells, time_format=None):
    return times.parse(pl.Series("when", cells), time_format, "t.csv")


def following(*cells, count=2, time_format=None):
    values, found = read(*cells, time_format=time_format)
    step = times.step_of(values)
    is_number = found == times.NUMBER
    ahead = times.continued(values[-1], step, count, is_number)
    return step.words(is_number), times.write(ahead, found)


@pytest.mark.parametrize(
    ("cells", "step", "ahead"),
    [
        (["1960-11", "1960-12"], "1 month", ["1961-01", "1961-02"]),
        (["Nov 1960", "Dec 1960"], "1 month", ["Jan 1961", "Feb 1961"]),
        (["2020-01-31", "2020-02-29", "2020-03-31"], "1 month", ["2020-04-30", "2020-05-31"]),
        (["2019-01-01", "2020-01-01"], "1 year", ["2021-01-01", "2022-01-01"]),
        (["1990-12-30", "1990-12-31"], "1 day", ["1991-01-01", "1991-01-02"]),
        (["20200228", "20200229"], "1 day", ["20200301", "20200302"]),
        (["31.12.2019 23:00", "01.01.2020 00:00"], "1 hour",
         ["01.01.2020 01:00", "01.01.2020 02:00"]),
        (["2020-01-01T00:00:00Z", "2020-01-01T00:15:00Z"], "15 minutes",
         ["2020-01-01T00:30:00Z", "2020-01-01T00:45:00Z"]),
        (["13/01/2020", "14/01/2020"], "1 day", ["15/01/2020", "16/01/2020"]),
        (["2020", "2021"], "1", ["2022", "2023"]),
        (["0.1", "0.2", "0.3"], "0.1", ["0.4", "0.5"]),
        ([3, 5, 7], "2", ["9", "11"]),
    ],
)  # fmt: skip
def test_times_go_on_as_they_were(cells, step, ahead):
    assert following(*cells) == (step, ahead)


def test_dates_of_other_files_go_on_too():
    dates = pl.Series("when", ["2020-01-01", "2020-01-08"]).str.to_date()
    values, found = times.parse(dates, None, "t.parquet")
    assert times.write(values, found) == ["2020-01-01", "2020-01-08"]
    moments, found = times.parse(dates.cast(pl.Datetime("ms", "UTC")), None, "t.parquet")
    assert np.array_equal(values, moments)


def test_a_given_format_decides():
    assert following("01/02/2020", "01/03/2020", time_format="%d/%m/%Y")[0] == "1 month"
    assert following("01/02/2020", "01/03/2020", time_format="%m/%d/%Y")[0] == "1 day"


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
    with pytest.raises(DataError, match=r"data\.time_format is '%H', which is no format of times"):
        read("2020-01-01", time_format="%H")


def test_gaps_are_found_and_months_of_other_lengths_are_none():
    values, _ = read("2020-01-01", "2020-01-02", "2020-01-04", "2020-01-05")
    assert times.irregular(values, times.step_of(values)).tolist() == [2]
    values, _ = read("2020-01", "2020-02", "2020-03", "2020-05")
    assert times.irregular(values, times.step_of(values)).tolist() == [3]
