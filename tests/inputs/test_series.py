"""A series is in order of time; what is odd about it is said."""

import numpy as np
import polars as pl
import pytest

from dlcli.errors import DataError
from dlcli.inputs import series


def read(**columns):
    frame = pl.DataFrame(columns)
    time = series.time_column(frame.columns, None, "t.csv")
    names = [name for name in frame.columns if name != time]
    return series.of_frame(frame, names, time, None, "t.csv")


def test_rows_are_sorted_by_their_times_and_that_is_said():
    found = read(Date=["2020-01-03", "2020-01-01", "2020-01-02"], x=["3", "1", "2"])
    assert found.values[:, 0].tolist() == [1, 2, 3]
    assert found.rows.tolist() == [1, 2, 0]
    assert found.following(1) == ["2020-01-04"]
    assert found.warnings == ("the rows of t.csv are not in order of 'Date'; they are sorted.",)


def test_times_twice_and_gaps_are_said():
    days = ["2020-01-01", "2020-01-02", "2020-01-02", "2020-01-03", "2020-01-06"]
    twice, gap = read(date=days, x=[1, 2, 3, 4, 5]).warnings
    assert twice.startswith("1 rows have the time of the row before (2020-01-02): a file with sev")
    assert gap.startswith("1 rows do not follow the row before by 1 day, as the others do (2020-01")


def test_a_cell_that_is_no_number_is_named_by_its_row_and_column():
    with pytest.raises(DataError, match=r"t\.csv row 2: 'load' is 'high', which is no number"):
        read(time=["1", "2"], load=["1", "high"])


@pytest.mark.parametrize("name", ["Date", "TIMESTAMP", "Month", "date"])
def test_the_column_of_the_times_is_known_by_its_name(name):
    assert series.time_column(["a", name], None, "t.csv") == name
    assert series.time_column(["a", "b"], None, "t.csv") == ""
    with pytest.raises(DataError, match=r"has no column 'when'\. It has: a"):
        series.time_column(["a"], "when", "t.csv")


def test_without_times_the_rows_count():
    found = series.of_frame(pl.DataFrame({"x": [5, 6]}), ["x"], "", None, "t.csv")
    assert found.following(2) == ["3", "4"]
    assert np.array_equal(found.column("x"), [5, 6])
