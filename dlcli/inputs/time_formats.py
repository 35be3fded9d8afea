"""Formats of times: found out from text, read and written by polars.

A format has the codes of chrono (https://docs.rs/chrono/latest/chrono/format/strftime), such as
%Y-%m-%d; %q is the quarter. What a format lacks is completed: a month and a quarter begin with
their first day, an ISO week with its Monday, an hour with its first minute.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import polars as pl

NUMBER = "number"
"""The format of times that are numbers."""

_MIN_ROWS = 3  # fewer follow each other by one step in any reading
_YEARS = (1800, 2200)  # of dates that are nothing but digits, as counts are too

# The first format that fits all cells is taken; `_swapped` gives those that may be confused.
_DATES = (
    "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%d.%m.%Y", "%d.%m.%y", "%d/%m/%Y", "%d-%m-%Y",
    "%d/%m/%y", "%d-%m-%y", "%d-%b-%Y", "%d-%b-%y", "%d%b%Y", "%d/%b/%Y", "%d %b %Y", "%d %B %Y",
    "%d. %B %Y", "%b %d, %Y", "%B %d, %Y", "%b %d %Y", "%B %d %Y", "%Y-%b-%d", "%Y %b %d",
    "%Y-%j", "%G-W%V-%u", "%GW%V%u", "%Y%m%d", "%Y年%m月%d日", "%Y%m%dT%H%M", "%Y%m%dT%H%MZ",
    "%Y%m%dT%H%M%S", "%Y%m%dT%H%M%SZ", "%b %d %H:%M:%S %Y",
)  # fmt: skip
_MONTHS = (
    "%Y-%m", "%Y/%m", "%m/%Y", "%m-%Y", "%b %Y", "%B %Y", "%Y %b", "%Y %B", "%b-%Y", "%B-%Y",
    "%b-%y", "%Y-%b", "%YM%m", "%Ym%m", "%Y-M%m", "%Y-Q%q", "%YQ%q", "%Yq%q", "%Y Q%q", "Q%q %Y",
    "Q%q-%Y", "Q%q/%Y", "%qQ%Y", "%Y年%m月", "%G-W%V", "%GW%V", "%G W%V", "W%V %G", "W%V-%G",
    "W%V/%G",
)  # fmt: skip
_DIGITS = {
    6: ("%Y%m", "%G%V", "%y%m%d"), 7: ("%Y%j",), 8: ("%Y%m%d",), 10: ("%Y%m%d%H",),
    12: ("%Y%m%d%H%M",), 14: ("%Y%m%d%H%M%S",), 17: ("%Y%m%d%H%M%S%3f",),
}  # fmt: skip
_WEEKDAY = re.compile(r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)([a-z]*day)?(,? )")
_CLOCK = re.compile(
    r"(?P<before>.*?(?:, |[T ])|)(?P<hour>\d{1,2})(?P<minute>(?P<between>[:.])\d{2})?"
    r"(?P<second>(?P=between)\d{2})?"
    r"(?P<fraction>[.,]\d{1,9})?(?P<noon> ?(?:AM|PM|am|pm))?"
    r"(?P<zone>Z| UTC| GMT| ?[+-]\d{2}(?::?\d{2})?)?"
)
_CODES = {
    "Y": r"\d{4}", "G": r"\d{4}", "y": r"\d{2}", "m": r"\d{1,2}", "d": r"\d{1,2}",
    "j": r"\d{3}", "H": r"\d{1,2}", "I": r"\d{1,2}", "M": r"\d{1,2}", "S": r"\d{1,2}",
    "V": r"\d{1,2}", "u": r"[1-7]", "q": r"[1-4]", "b": r"[A-Za-z]{3}", "B": r"[A-Za-z]{3,9}",
    "a": r"[A-Za-z]{3}", "A": r"[A-Za-z]{6,9}", "p": r"[AaPp][Mm]", "P": r"[AaPp][Mm]",
    "z": r"[+-]\d{2}:?\d{2}", ":z": r"[+-]\d{2}:?\d{2}", "#z": r"[+-]\d{2}",
    ".f": r"(?:\.\d{1,9})?", "f": r"\d{1,9}",
    ".3f": r"\.\d{3}", ".6f": r"\.\d{6}", ".9f": r"\.\d{9}", "3f": r"\d{3}", "6f": r"\d{6}",
    "9f": r"\d{9}",
}  # fmt: skip
_CODE = re.compile(r"%[-_0]?([:.#]?\d?[A-Za-z])")
_PADDED = re.compile(r"%([dmHI])")


def detected(text: pl.Series) -> list[str]:
    """Find the format that all cells of a column are written in.

    Returns:
        It, or nothing if there is none, or several where day, month and year cannot be told apart.
    """
    for candidate in _candidates(text[0]):
        readings = [candidate, *_swapped(candidate)]
        fitting = [found for each in readings if (found := _as_written(text, each))]
        # A year of two digits first or last: rows follow each other, mostly by one step.
        year_last = [each for each in fitting if not each.startswith("%y")]
        if year_last and len(year_last) < len(fitting):
            last = max(_regularity(text, each) for each in year_last)
            first = _regularity(text, fitting[-1])
            if first != last or len(text) < _MIN_ROWS:
                return fitting[-1:] if first > last else year_last
        if fitting:
            return fitting
    return []


def _regularity(text: pl.Series, time_format: str) -> tuple[bool, float]:
    """Tell whether times are in order, and which share of them follows by the commonest step."""
    steps = read(text, time_format)[0].diff().drop_nulls()
    sizes = steps.cast(pl.Int64)
    in_order = bool((sizes >= 0).all() or (sizes <= 0).all())
    counts = steps.value_counts()["count"]
    return in_order, float(counts.max() or 0) / max(len(steps), 1)  # type: ignore[arg-type]


def fits(text: pl.Series, time_format: str) -> bool:
    """Tell whether all cells of a column are written in a format."""
    return bool(text.str.contains(_pattern(time_format)).all()) and not bool(
        read(text, time_format)[0].null_count()
    )


def share(text: pl.Series, time_format: str) -> float:
    """The share of the cells of a column that are written in a format."""
    return 1 - read(text, time_format)[0].null_count() / len(text)


def read(text: pl.Series, time_format: str) -> tuple[pl.Series, pl.Series]:
    """Read times.

    Args:
        text: of any column; a cell that does not fit is null in what is returned.
        time_format: how they are written.

    Returns:
        The moments, Datetime("us") in UTC where offsets are written, and as they are read on
        the clock; both without a time zone.

    Raises:
        PolarsError: it is no format of dates.
    """
    codes = {match[1][-1] for match in _CODE.finditer(time_format)}
    if "q" in codes:
        parts = text.str.extract_groups(_pattern(time_format))
        month = 3 * parts.struct.field("q").cast(pl.Int64) - 2
        text = parts.struct.field("Y") + "-" + month.cast(pl.String)
        time_format, codes = "%Y-%m", {"Y", "m"}
    if not codes & set("djeUWuaAsDFxcV") and codes & set("mbBh"):
        text, time_format = text + " 01", time_format + " %d"
    elif "V" in codes and not codes & set("uaA"):
        text, time_format = text + " 1", time_format + " %u"
    elif codes <= set("HIMSfpP"):
        text, time_format = "1970-01-01 " + text, "%Y-%m-%d " + time_format
    if time_format.endswith("%#z"):  # an offset of hours alone
        text, time_format = text + "00", time_format.replace("%#z", "%z")
    if codes & set("HI") and not codes & set("MRTX"):
        text, time_format = text + " 00", time_format + " %M"
    moments = _datetimes(text, time_format)
    if "z" not in codes:
        return moments, moments
    bare = text.str.replace(r" ?[+-]\d{2}:?\d{2}( |$)", "${1}")
    return moments.dt.replace_time_zone(None), _datetimes(bare, re.sub(" ?%:?z", "", time_format))


def write(clocks: np.ndarray, offsets: np.ndarray, time_format: str) -> list[str]:
    """Write times.

    Args:
        clocks: int64 (num_rows,) microseconds since 1970, as they are read on the clock.
        offsets: int64 (num_rows,) microseconds that the clock is ahead of UTC.
        time_format: how to write them.
    """
    series = pl.Series(clocks).cast(pl.Datetime("us"))
    if not re.search("%[:#]?z", time_format):
        return series.dt.to_string(time_format).to_list()
    written = np.empty(len(clocks), object)
    for offset in np.unique(offsets):
        places = np.flatnonzero(offsets == offset)
        own = time_format.replace("%:z", offset_text(int(offset)))
        own = own.replace("%z", offset_text(int(offset), colon=""))
        own = own.replace("%#z", offset_text(int(offset)).removesuffix(":00"))
        written[places] = series[places].dt.to_string(own).to_list()
    return written.tolist()


def offset_text(offset: int, colon: str = ":") -> str:
    """An offset in microseconds as text, such as +01:00."""
    minutes = abs(offset) // 60_000_000
    return f"{'-' if offset < 0 else '+'}{minutes // 60:02}{colon}{minutes % 60:02}"


def clock_only(time_format: str) -> bool:
    """Tell whether a format has the time of the day and no date."""
    return {match[1][-1] for match in _CODE.finditer(time_format)} <= set("HIMSfpP")


def with_colon(text: pl.Series, time_format: str) -> str:
    """A format that writes offsets as the column does: %z reads +01:00 too, %:z also writes it."""
    if text.str.contains(r"[+-]\d{2}:\d{2}( |$)").all():
        return time_format.replace("%z", "%:z")
    return time_format


def _candidates(cell: str) -> Iterator[str]:
    """Formats that the first cell may be written in, the likely ones first."""
    if re.fullmatch(r"\d+", cell):
        yield from _DIGITS.get(len(cell), ())
        return
    prefix, rest = "", cell
    if weekday := _WEEKDAY.match(cell):
        prefix = ("%A" if weekday[1] else "%a") + weekday[2]
        rest = cell[weekday.end() :]
    for time_format in (*_DATES, *_MONTHS):
        if re.fullmatch(_pattern(time_format), rest):
            yield prefix + time_format
    if not (clock := _CLOCK.fullmatch(rest)):
        return
    before = clock["before"]
    joint = ", " if before.endswith(", ") else before[-1:]
    date = before[: len(before) - len(joint)]
    for clock_format in _clocks(clock):
        if not before and (clock["second"] or clock["between"] == ":"):  # 18.30 is a number
            yield prefix + clock_format
        for time_format in _DATES:
            if re.fullmatch(_pattern(time_format), date):
                yield prefix + time_format + joint + clock_format


def _clocks(found: re.Match[str]) -> Iterator[str]:
    """Formats of a time of the day."""
    between = found["between"] or ""
    start = ("%I" if found["noon"] else "%H") + (f"{between}%M" if between else "")
    noon, zone = found["noon"] or "", found["zone"] or ""
    end = re.sub("[AaPp][Mm]", "%P" if noon.islower() else "%p", noon)
    end += re.sub(r"[+-]\d\d$", "%#z", re.sub(r"[+-]\d\d(:?)\d\d", r"%\1z", zone))
    if end.endswith("%#z") and not found["second"]:
        return  # 10:30-11 is no time with an offset
    if not found["second"]:
        if not found["fraction"]:
            yield start + end
        return
    start, fraction = start + between, found["fraction"] or ""
    if len(fraction) in {4, 7, 10}:
        digits = len(fraction) - 1
        yield start + (f"%S%.{digits}f" if fraction[0] == "." else f"%S,%{digits}f") + end
    if not fraction:
        yield start + "%S" + end
    if not fraction.startswith(","):
        yield start + "%S%.f" + end


def _swapped(time_format: str) -> list[str]:
    """The format with day, month and year in another order, where they may be confused.

    The year comes first in the last of them.
    """
    found = []
    for separator in "/-.":
        start = f"%d{separator}%m{separator}"
        if separator != "." and start in time_format:
            found.append(time_format.replace(start, f"%m{separator}%d{separator}"))
        if time_format.startswith(f"{start}%y"):
            found.append(time_format.replace(f"{start}%y", f"%y{separator}%m{separator}%d", 1))
    return found


def _as_written(text: pl.Series, time_format: str) -> str:
    """The format as the column has it, with zeros before days and months or without; or ""."""
    if not (fits(text[:50], time_format) and fits(text, time_format)):
        return ""
    if _CODE.sub("", time_format) == "" and len(text[0]) in _DIGITS and text[0].isdigit():
        years = read(text, time_format)[0].dt.year()
        return time_format if years.is_between(*_YEARS).all() else ""
    if text.str.contains(_pattern(time_format, padded=True)).all():
        return time_format
    return _PADDED.sub(r"%-\1", time_format)


def _pattern(time_format: str, padded: bool = False) -> str:
    """A regular expression of what is written in a format, with a group for each code."""
    pattern, end, seen = "", 0, set()
    for match in _CODE.finditer(time_format):
        code = _CODES.get(match[1], ".+?")
        if padded and match[1] in "dmHI":
            code = r"\d{2}"
        elif match[0] == "%-j":
            code = r"\d{1,3}"
        name = match[1][-1]
        group = f"(?P<{name}>{code})" if name not in seen else code
        pattern += re.escape(time_format[end : match.start()]) + group
        end = match.end()
        seen.add(name)
    return rf"^{pattern}{re.escape(time_format[end:])}$"


def _datetimes(text: pl.Series, time_format: str) -> pl.Series:
    return text.str.to_datetime(time_format, strict=False, exact=True, time_unit="us")
