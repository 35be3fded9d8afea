"""Frequencies are found out, said in words, read from them, and go on by the calendar."""

import numpy as np
import pytest

from dlcli.errors import DataError
from dlcli.inputs import frequencies
from dlcli.inputs.frequencies import Frequency


def moments(*texts):
    return np.array(texts, "datetime64[us]").astype(np.int64)


def days(begin, end, weekdays):
    every = np.arange(begin, end, dtype="datetime64[D]")
    return [str(day) for day in every if (day.astype(int) + 3) % 7 in weekdays]


@pytest.mark.parametrize(
    ("times", "words", "ahead"),
    [
        (["2020-01-01", "2020-02-01"], "1 month", ["2020-03-01", "2020-04-01"]),
        (["2020-01-31", "2020-02-29"], "1 month on last day", ["2020-03-31", "2020-04-30"]),
        (["2021-01-30", "2021-02-28", "2021-03-30"], "1 month on day 30",
         ["2021-04-30", "2021-05-30"]),
        (["2000-09-30", "2000-12-31"], "3 months on last day", ["2001-03-31", "2001-06-30"]),
        (["2019-06-01", "2020-06-01"], "1 year", ["2021-06-01", "2022-06-01"]),
        (["2010-01-29", "2010-02-26", "2010-03-26", "2010-04-30"], "1 month on last Fri",
         ["2010-05-28", "2010-06-25"]),
        (["2010-01-12", "2010-02-09", "2010-03-09"], "1 month on 2nd Tue",
         ["2010-04-13", "2010-05-11"]),
        (["2010-01-01", "2010-01-15", "2010-02-01", "2010-02-15", "2010-03-01"],
         "1 month on day 1, 15", ["2010-03-15", "2010-04-01"]),
        (days("2024-01-01", "2024-02-03", range(5)), "1 business day",
         ["2024-02-05", "2024-02-06"]),
        (days("2024-01-01", "2024-02-04", (0, 1, 2, 3, 4, 5)),
         "1 day on Mon, Tue, Wed, Thu, Fri, Sat", ["2024-02-05", "2024-02-06"]),
        (days("2024-01-01", "2024-02-03", (1, 3)), "1 day on Tue, Thu",
         ["2024-02-06", "2024-02-08"]),
        (["2024-01-01", "2024-01-08", "2024-01-15"], "1 week", ["2024-01-22", "2024-01-29"]),
        (["2020-02-27", "2020-02-28"], "1 day", ["2020-02-29", "2020-03-01"]),
        (["2024-01-01T00:00", "2024-01-01T00:15"], "15 minutes",
         ["2024-01-01T00:30", "2024-01-01T00:45"]),
        (["2024-01-01T00:00:00", "2024-01-01T00:00:00.25"], "250 milliseconds",
         ["2024-01-01T00:00:00.5", "2024-01-01T00:00:00.75"]),
    ],
)  # fmt: skip
def test_times_go_on_as_they_were(times, words, ahead):
    values = moments(*times)
    found = frequencies.of(values, values)
    assert found.words() == words
    assert frequencies.parse(words) == found
    assert found.following(values[-1], 2).tolist() == moments(*ahead).tolist()
    assert not len(found.irregular(values))


def test_of_times_that_all_differ_the_frequency_is_a_middle_one():
    values = np.cumsum([0, 3_599_000_000, 3_601_000_000, 3_650_000_000, 3_000_000_000])
    assert frequencies.of(values, values).words() == "3599 seconds"


def test_five_business_days_are_days_yet():
    values = moments(*days("2024-01-01", "2024-01-06", range(5)))
    assert frequencies.of(values, values).words() == "1 day"


def test_the_time_of_the_day_stays():
    values = moments("2020-01-31T06:00", "2020-02-29T06:00")
    (ahead,) = frequencies.of(values, values).following(values[-1], 1)
    assert ahead == moments("2020-03-31T06:00")[0]


def test_numbers_go_on():
    values = np.array([0.1, 0.2, 0.3])
    found = frequencies.of(values, values)
    assert found == Frequency("number", 0.1) == frequencies.parse("0.1")
    assert found.following(0.3, 2) == pytest.approx([0.4, 0.5])


@pytest.mark.parametrize(
    ("frequency", "times", "irregular"),
    [
        ("1 day", ["2020-01-01", "2020-01-02", "2020-01-04", "2020-01-05"], [2]),
        ("1 month", ["2020-01-01", "2020-02-01", "2020-04-01", "2020-05-02"], [2, 3]),
        ("1 month on last day", ["2020-01-31", "2020-02-28", "2020-03-31"], [1]),
        ("1 business day", ["2024-01-05", "2024-01-08", "2024-01-10", "2024-01-13"], [2, 3]),
        ("1 day", ["2020-01-01T06:00", "2020-01-02T06:00", "2020-01-03T07:00"], [2]),
        ("1 hour", ["2020-01-01T06:00", "2020-01-01T07:00", "2020-01-02T08:00"], [2]),
    ],
)
def test_gaps_are_found(frequency, times, irregular):
    assert frequencies.parse(frequency).irregular(moments(*times)).tolist() == irregular


@pytest.mark.parametrize(
    "text", ["soon", "0 days", "1.5 months", "1 day on Foo", "3 hours on Mon", "2 days on Mon",
             "1 month on day 32", "1 month on 5th Mon", ""],
)  # fmt: skip
def test_what_is_no_frequency_is_refused(text):
    with pytest.raises(DataError, match=r"which is no frequency") as raised:
        frequencies.parse(text)
    assert "'1 month on last day'" in raised.value.hint


@pytest.mark.parametrize(
    ("text", "words"),
    [("quarter", "3 months"), ("2 years on last day", "2 years on last day"), ("7 days", "1 week"),
     ("90 minutes", "90 minutes"), ("3.6e3", "3600"), ("1e-7", "1e-07"),
     ("1 month on last, 15", "1 month on day 15, last")],
)  # fmt: skip
def test_frequencies_are_read_from_words(text, words):
    assert frequencies.parse(text).words() == words
