"""Formats are found out from text, and what they write is what was read."""

import numpy as np
import polars as pl
import pytest

from dlcli.inputs import time_formats

US = "us"


def column(*cells):
    return pl.Series("when", cells)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["2024-01-31"], "%Y-%m-%d"),
        (["2024-1-9", "2024-1-10"], "%Y-%-m-%-d"),
        (["31.01.2024 23:00"], "%d.%m.%Y %H:%M"),
        (["31.01.24"], "%d.%m.%y"),
        (["13/01/2024", "14/01/2024"], "%d/%m/%Y"),
        (["1/13/2024 1:05 pm"], "%-m/%-d/%Y %-I:%M %P"),
        (["01/13/2024 12:00 AM"], "%m/%d/%Y %I:%M %p"),
        (["January 01, 2024", "July 17, 2024"], "%B %d, %Y"),
        (["Wed 17 Jul 2024"], "%a %d %b %Y"),
        (["Jul 1, 2024, 5:00 PM"], "%b %-d, %Y, %-I:%M %p"),
        (["May 2024", "June 2024"], "%B %Y"),
        (["2020-W02", "2020-W53"], "%G-W%V"),
        (["2000-Q1", "2000-Q4"], "%Y-Q%q"),
        (["Q3 2000"], "Q%q %Y"),
        (["2020M03"], "%YM%m"),
        (["201912", "202001"], "%Y%m"),
        (["202050", "202113"], "%G%V"),
        (["240101", "240131", "240201"], "%y%m%d"),
        (["2023365", "2024001"], "%Y%j"),
        (["20240131T2315"], "%Y%m%dT%H%M"),
        (["20240131T231500Z"], "%Y%m%dT%H%M%SZ"),
        (["20240131 23:15"], "%Y%m%d %H:%M"),
        (["Wed Jul 17 23:15:00 2024"], "%a %b %d %H:%M:%S %Y"),
        (["2024年7月17日"], "%Y年%-m月%-d日"),
        (["4Q2024"], "%qQ%Y"),
        (["20240131"], "%Y%m%d"),
        (["2024013123"], "%Y%m%d%H"),
        (["202401312359"], "%Y%m%d%H%M"),
        (["2024-01-01T00:00:00+01:00"], "%Y-%m-%dT%H:%M:%S%:z"),
        (["2024-01-01 00:00:00 +0100"], "%Y-%m-%d %H:%M:%S %z"),
        (["2024-01-01T00:00:00Z"], "%Y-%m-%dT%H:%M:%SZ"),
        (["2024-01-01 00:00:00.250"], "%Y-%m-%d %H:%M:%S%.3f"),
        (["2024-01-01 00:00:00,250"], "%Y-%m-%d %H:%M:%S,%3f"),
        (["2024-01-01 00:00:00", "2024-01-01 00:00:00.5"], "%Y-%m-%d %H:%M:%S%.f"),
        (["2024-01-01 05"], "%Y-%m-%d %H"),
        (["00:00", "23:59"], "%H:%M"),
        (["00.00.00", "18.30.00"], "%H.%M.%S"),
        (["31/12/2024 18.30.00"], "%d/%m/%Y %H.%M.%S"),
        (["31.12.2024 8.30"], "%-d.%-m.%Y %-H.%M"),
        (["31Dec2024"], "%d%b%Y"),
        (["98/12/31", "99/01/01"], "%y/%m/%d"),
        (["24.01.31", "24.02.01", "24.02.02"], "%y.%m.%d"),
        (["30.01.24", "31.01.24", "01.02.24"], "%d.%m.%y"),
        (["28.01.24 23:00", "29.01.24 00:00", "29.01.24 01:00"], "%d.%m.%y %H:%M"),
        (["2024-01-01 00:00:00+05:30"], "%Y-%m-%d %H:%M:%S%:z"),
        (["2024-01-01 00:00:00+01", "2024-06-01 00:00:00+02"], "%Y-%m-%d %H:%M:%S%#z"),
        (["20240131235959250"], "%Y%m%d%H%M%S%3f"),
        (["1990q1", "1990q4"], "%Yq%q"),
        (["1990m01", "1990m12"], "%Ym%m"),
    ],
)
def test_a_format_is_found_and_writes_what_it_reads(cells, expected):
    text = column(*cells)
    assert time_formats.detected(text) == [expected]
    moments, clocks = (each.to_physical().to_numpy() for each in time_formats.read(text, expected))
    written = time_formats.write(clocks, clocks - moments, expected)
    assert written == [cell.replace("00.5", "00.500") for cell in cells]


@pytest.mark.parametrize(
    "cells",
    [["12"], ["2024"], ["45292"], ["1704067200"], ["1101010100"], ["201960"], ["2024367"],
     ["2024.05"], ["x"], ["18.30", "23.45"], ["2024-01-01", "2024-02"]],
)  # fmt: skip
def test_other_text_has_none(cells):
    assert time_formats.detected(column(*cells)) == []


def test_day_and_year_may_be_confused():
    cells = column("24/01/01", "24/02/01", "24/03/01")
    assert time_formats.detected(cells) == ["%d/%m/%y", "%y/%m/%d"]
    assert time_formats.detected(column("24/01/01", "24/02/01", "25/01/01")) == ["%y/%m/%d"]


def test_day_and_month_may_be_confused():
    assert time_formats.detected(column("01/02/2024", "02/02/2024")) == ["%d/%m/%Y", "%m/%d/%Y"]


def test_what_is_incomplete_begins_with_its_first_day():
    for cell, time_format, day in (
        ("2020-W02", "%G-W%V", "2020-01-06"),
        ("2000-Q3", "%Y-Q%q", "2000-07-01"),
        ("202002", "%Y%m", "2020-02-01"),
        ("2020 060", "%Y %j", "2020-02-29"),
    ):
        read, _ = time_formats.read(column(cell), time_format)
        assert str(read[0]) == f"{day} 00:00:00"


def test_offsets_are_kept_for_each_row():
    text = column("2024-10-27T02:30:00+02:00", "2024-10-27T02:30:00+01:00")
    moments, clocks = time_formats.read(text, "%Y-%m-%dT%H:%M:%S%:z")
    assert moments.dt.hour().to_list() == [0, 1]
    assert clocks.dt.hour().to_list() == [2, 2]
    offsets = (clocks - moments).to_physical().to_numpy()
    written = time_formats.write(clocks.to_physical().to_numpy(), offsets, "%H:%M%:z %z")
    assert written == ["02:30+02:00 +0200", "02:30+01:00 +0100"]
    assert time_formats.offset_text(-12_600_000_000) == "-03:30"


def test_times_after_the_year_9999_are_written():
    last = np.array([253_402_300_800_000_000])
    assert time_formats.write(last, last * 0, "%Y-%m-%d") == ["+10000-01-01"]
