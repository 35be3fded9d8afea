"""A series is in order of time; what is odd about it is said."""

import numpy as np
import polars as pl
import pytest

from dlcli.errors import DataError
from dlcli.inputs import frequencies, series
from dlcli.inputs.forecasts import Forecast, SeriesColumn


def read(**columns):
    frame = pl.DataFrame(columns)
    time = [name for name in frame.columns if name.lower() in {"date", "time"}]
    names = [name for name in frame.columns if name not in time]
    found = series.of_frame(frame, names, time, "t.csv")
    return series.one_series(found, frame, "t.csv")


def days(begin, count):
    every = np.arange(begin, np.datetime64(begin) + count, dtype="datetime64[D]")
    return [str(day) for day in every]


def test_rows_are_sorted_by_their_times_and_that_is_said():
    found = read(Date=["2020-01-03", "2020-01-01", "2020-01-02"], x=["3", "1", "2"])
    assert found.values[:, 0].tolist() == [1, 2, 3]
    assert found.rows.tolist() == [1, 2, 0]
    assert found.following(1) == [{"Date": "2020-01-04"}]
    assert found.warnings == ("the rows of t.csv are not in order of 'Date'; they are sorted.",)


def test_rows_from_the_newest_to_the_oldest_are_reversed_and_that_is_said():
    found = read(date=days("2020-01-01", 3)[::-1], x=["3", "2", "1"])
    assert found.values[:, 0].tolist() == [1, 2, 3]
    assert found.warnings == ("the rows of t.csv run back in 'date'; their order is reversed.",)


def test_times_that_are_nowhere_evenly_spaced_are_said_to_be_so():
    times = [f"2020-01-01 {clock}" for clock in ("00:00", "01:07", "02:02", "03:21", "04:00")]
    times.append("2020-01-01 05:06")
    (note,) = read(date=times, x=list("123456")).warnings
    assert note.startswith("the rows of t.csv are not evenly spaced in 'date' (4 rows do not")
    assert "by 66 minutes" in note


def test_repeated_times_stop():
    with pytest.raises(DataError, match=r"2 of 3 rows of t\.csv share their time with another row"):
        read(date=["2020-01-01", "2020-01-02", "2020-01-02"], x=[1.0, 2.0, 3.0])


def test_gaps_are_said():
    (gap,) = read(
        date=["2020-01-01", "2020-01-02", "2020-01-03", "2020-01-06"], x=[1, 2, 3, 5]
    ).warnings
    assert gap.startswith(
        "1 row of t.csv does not follow the row before by 1 day, as the others do"
    )
    assert "(2020-01-06)" in gap


def test_a_cell_that_is_no_number_is_named_by_its_row_and_column():
    with pytest.raises(DataError, match=r"t\.csv row 2: 'load' is 'high', which is no number"):
        read(time=["1", "2"], load=["1", "high"])


def test_a_blank_line_is_no_row_of_dates():
    found = read(date=["2020-01-01", None, "2020-01-02"], x=["1", None, "2"])
    assert found.rows.tolist() == [0, 2]
    with pytest.raises(DataError, match="row 3: 'date', the time, is missing"):
        read(date=["2020-01-01", None, None], x=["1", None, "2"])


def test_without_times_every_row_counts():
    frame = pl.DataFrame({"x": ["5", None, "6", None]})
    found = series.of_frame(frame, ["x"], (), "t.csv")
    assert np.array_equal(found.column("x"), [5, np.nan, 6, np.nan], equal_nan=True)
    cut = series.without_end(found, "t.csv")
    assert cut.following(2) == [{"row": "4"}, {"row": "5"}]
    assert cut.warnings == ("no values in the last 1 row of t.csv; left out.",)


def test_keys_of_a_recipe_are_read():
    assert series.of_keys({"time": "date", "time_format": None}) == (("date",), None, None)
    time, formats, frequency = series.of_keys(
        {"time": ["y", "m"], "time_format": ["%Y", "%m"], "frequency": "1 month"}
    )
    assert (time, formats) == (("y", "m"), ("%Y", "%m"))
    assert frequency == frequencies.parse("1 month")
    assert series.of_keys({"time": []})[0] == ()
    assert series.key(("a",)) == "a"
    assert series.key(("a", "b")) == ("a", "b")


# What a model of days, three of them ahead, is given to forecast from.
MODEL = Forecast(
    (SeriesColumn("y", 0.0, 1.0),), (SeriesColumn("y", 0.0, 1.0),), 3,
    ("date",), ("%Y-%m-%d",), frequencies.parse("1 day"),
)  # fmt: skip


def history(forecast=MODEL, given=None, **columns):
    return series.history(pl.DataFrame(columns), forecast, given or {}, "h.csv")


def test_an_orderly_history_is_silent():
    found = history(date=days("2024-02-27", 3), y=["1", "2", "3"])
    assert found.warnings == ()
    assert [step["date"] for step in found.following(2)] == ["2024-03-01", "2024-03-02"]


def test_values_in_another_unit_are_said_to_be_far_from_the_training():
    found = history(date=days("2024-02-27", 3), y=["1000", "2000", "3"])
    assert found.warnings == (
        "2 of 3 values of 'y' in h.csv are far from those of the training (mean 0, standard "
        "deviation 1), such as 1000: the forecast may be meaningless.",
    )
    assert history(date=days("2024-02-27", 3), y=["1000", None, "3"]).warnings == ()


def test_the_forecast_begins_after_the_last_row_with_a_value():
    found = history(date=days("2024-01-01", 5), y=["1", "2", None, "4", None])
    assert found.following(1) == [{"date": "2024-01-05"}]
    assert found.warnings == (
        "no value of y in the last 1 row of h.csv: the forecast begins with the first of them "
        "(2024-01-05) and has 3 steps.",
    )
    with pytest.raises(DataError, match=r"h\.csv has no value of y to forecast from"):
        history(date=days("2024-01-01", 2), y=[None, None])


def test_rows_that_wait_for_a_forecast_may_have_other_values():
    both = Forecast((*MODEL.columns, SeriesColumn("x", 0.0, 1.0)), MODEL.targets, 1, ("date",),
                    ("%Y-%m-%d",), MODEL.frequency)  # fmt: skip
    found = history(both, date=days("2024-01-01", 3), y=["1", "2", None], x=["1", "2", "3"])
    assert found.following(1) == [{"date": "2024-01-03"}]


def test_copies_of_rows_are_left_out_and_that_is_said():
    twice = [day for day in days("2024-01-01", 3) for _ in (0, 1)]
    found = history(date=twice, y=["1", "1", "2", "2", "3", "3"])
    assert found.column("y").tolist() == [1, 2, 3]
    assert found.warnings[0].startswith("3 rows of h.csv repeat the row before (2024-01-01,")


def test_several_series_in_a_history_are_said():
    (first, *_) = history(date=days("2024-01-01", 3) * 2, y=["1", "2", "3", "7", "8", "9"]).warnings
    assert first == "the rows of h.csv are not in order of 'date'; they are sorted."
    notes = history(date=days("2024-01-01", 3) * 2, y=["1", "2", "3", "7", "8", "9"]).warnings
    assert "if these are several series, the forecast is meaningless" in notes[1]
    assert len(notes) == 2


def test_gaps_in_a_history_are_said():
    found = history(date=[*days("2024-01-01", 5), "2024-01-08"], y=["1"] * 6)
    assert found.warnings[0].startswith("1 row of h.csv does not follow the row before by 1 day")


@pytest.mark.parametrize(
    ("cells", "own", "ahead"),
    [
        (["2024-01-01 00:00", "2024-01-01 01:00", "2024-01-01 02:00"], "1 hour",
         "2024-01-02 02:00"),
        (["2024-01-01", "2024-01-08", "2024-01-15"], "1 week", "2024-01-16"),
        (["2024-01", "2024-02", "2024-03"], "1 month", "2024-03"),
        (["1", "2", "3"], "1", "4"),
    ],
)  # fmt: skip
def test_another_frequency_is_said_and_the_model_keeps_its_own(cells, own, ahead):
    found = history(date=cells, y=["1", "2", "3"])
    assert found.following(1) == [{"date": ahead}]
    (note,) = found.warnings
    assert note.startswith(f"h.csv has a frequency of {own}; the model was trained ")


def test_a_frequency_of_another_kind_is_refused():
    with pytest.raises(
        DataError, match=r"data\.frequency is '1 day', and the times of h\.csv are num"
    ):
        history(given={"frequency": "1 day"}, date=["1", "2"], y=["1", "2"])


def test_a_single_row_of_another_kind_of_times_goes_on_by_itself():
    found = history(date=["7"], y=["1"])
    assert found.following(1) == [{"date": "8"}]


def test_a_business_day_follows_a_friday():
    model = Forecast(MODEL.columns, MODEL.targets, 1, ("date",), ("%Y-%m-%d",),
                     frequencies.parse("1 business day"))  # fmt: skip
    found = history(model, date=["2025-01-31", "2025-02-03"], y=["1", "2"])
    assert (found.warnings, found.following(1)) == ((), [{"date": "2025-02-04"}])
    assert history(model, date=["2025-01-31"], y=["1"]).following(1) == [{"date": "2025-02-03"}]


def test_what_is_given_for_one_history_counts():
    given = {"time": "day", "time_format": "%d/%m/%Y", "frequency": "1 week"}
    found = history(given=given, day=["01/02/2024", "08/02/2024"], y=["1", "2"])
    assert (found.warnings, found.following(1)) == ((), [{"day": "15/02/2024"}])
