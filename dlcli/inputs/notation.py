"""How numbers are written: their decimal point, what stands between thousands, their unit.

`infer` finds it out of whole columns, `Notation.plain` makes of their cells what any program
reads as numbers. A cell is taken apart into, in order: a parenthesis, a sign, a unit, a sign, the
digits with what stands between them, an exponent, a unit, a parenthesis.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from dlcli.inputs.cells import BLANKS
from dlcli.recipe import overrides

AUTO = "auto"
NONE = "none"
_BLANK = r"[ \x{a0}\x{2007}\x{2009}\x{202f}]"
_BETWEEN = {",": ",", ".": r"\.", "space": _BLANK, "'": r"['\x{2019}]"}
_CODES = "USD|EUR|GBP|CHF|JPY|CNY|RMB|INR|KRW|RUB|BRL|CAD|AUD|NZD|SEK|NOK|DKK|PLN|CZK|HUF|TRY|ZAR"
_MONEY = rf"[A-Z]{{0,2}}\p{{Sc}}|{_CODES}"
_SHARE = "%‰"
_MARKS = {",": "a comma", ".": "a point", "space": "a space", "'": "an apostrophe"}
# A blank and letters after the digits are a unit too: 12 kg, 5 m². Without a blank, 2D is a name.
_AFTER = rf"[{_SHARE}]|°[CF]?|[℃℉]|{_MONEY}|{_BLANK}[\p{{L}}°][\p{{L}}/²³]{{0,9}}"
_DIGITS = rf"\d(?:(?:[\d.,'\x{{2019}}]|{_BLANK})*\d)?[.,]?|[.,]\d+"
_CELL = (
    rf"^(?P<open>\()?(?P<before>[-+])?{_BLANK}*(?:(?P<prefix>{_MONEY}){_BLANK}*)?(?P<behind>[-+])?"
    rf"(?P<digits>{_DIGITS})(?P<exponent>[eE][-+]?\d+)?"
    rf"(?:{_BLANK}*(?P<suffix>{_AFTER}))?(?P<close>\))?$"
)
MINUS = r"[\x{2212}\x{fe63}\x{ff0d}]|^\x{2013}"  # minus signs, and a dash in place of one
_PLAIN_CELL = r"^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$"
_LEAST_NUMBERS = 0.5  # share of the cells of a column of numbers
_LEAST_GROUPS = 3
_MOST_NAMED = 10


@dataclass(frozen=True)
class Notation:
    """How the numbers of a column are written.

    Args:
        decimal: the decimal point, "." or ",".
        thousands: what may stand between thousands: "none", ",", ".", "space" or "'".
        unit: what may stand before or behind each number, such as "%" or "€".
        words: cells that mean that there is no value.
    """

    decimal: str = "."
    thousands: str = NONE
    unit: str = ""
    parentheses: bool = False
    words: tuple[str, ...] = ()

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Notation:
        """A notation in the metadata; what it lacks is plain."""
        return cls(**{**document, "words": tuple(document.get("words", ()))})

    def plain(self, cells: pl.Series) -> pl.Series:
        """Cells with digits and a decimal point alone; null where one is not so written.

        Args:
            cells: text; each is looked at alone.
        """
        if self.is_plain:
            return stripped(cells)
        parts = _parts(cells)
        number = pl.col("digits").str.replace_all(_between(self.thousands), "")
        if self.decimal == ",":
            number = number.str.replace(",", ".", literal=True)
        is_negative = pl.any_horizontal(pl.col("before", "behind") == "-").fill_null(False)
        if self.parentheses:
            is_negative = is_negative | pl.col("open").is_not_null()
        sign = pl.when(is_negative).then(pl.lit("-")).otherwise(pl.lit(""))
        written = sign + number + pl.col("exponent").fill_null("")
        return parts.select(pl.when(self._fits()).then(written)).to_series().rename(cells.name)

    @property
    def is_plain(self) -> bool:
        """Whether numbers are written as programs read them."""
        return replace(self, words=()) == PLAIN

    def _fits(self) -> pl.Expr:
        unit = pl.col("unit").is_in(["", self.unit])
        closed = pl.col("open").is_null() == pl.col("close").is_null()
        if not self.parentheses:
            closed = closed & pl.col("open").is_null()
        return pl.col("digits").str.contains(_form(self.decimal, self.thousands)) & unit & closed


PLAIN = Notation()
_READINGS = [
    Notation(decimal, thousands)
    for thousands in (NONE, *_BETWEEN)
    for decimal in (".", ",")
    if decimal != thousands
]


@dataclass(frozen=True)
class Found:
    """What `infer` finds.

    Args:
        notations: of the columns that hold numbers.
        notes: sentences about what is not the plain reading, or could be another.
        inferred: keys of a recipe's `data` section: "decimal" and "thousands".
    """

    notations: Mapping[str, Notation] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    inferred: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Candidates:
    """Readings of one column that take the most cells for numbers, the likeliest first.

    Args:
        readings: they differ in what the numbers are.
        point: a decimal point that is written in the cells beyond doubt, or "".
        example: a cell with what is not plain.
    """

    readings: tuple[Notation, ...]
    point: str
    example: str


def stripped(cells: pl.Series) -> pl.Series:
    """Text without blanks around it, with one kind of minus sign."""
    return cells.str.strip_chars(BLANKS).str.replace(MINUS, "-")


def infer(
    columns: Sequence[pl.Series],
    *,
    decimal: str = AUTO,
    thousands: str = AUTO,
    units: str = AUTO,
    preferred: Mapping[str, Notation] | None = None,
    reported: Collection[str] | None = None,
    semicolons: bool = False,
    or_names: bool = False,
    ranges: Mapping[str, tuple[float, float]] | None = None,
) -> Found:
    """Find out how the numbers of text columns are written.

    Where the cells of a column leave two readings, 12.500, the decimal point of the others counts.

    Args:
        columns: all text of one file; what holds no numbers is passed over.
        decimal, thousands, units: as a recipe's `data` section has them: taken for a column that
            can be read so.
        preferred: by the names of columns, how a model knows them; this needs no note.
        reported: names of the columns that notes are about; None for all.
        semicolons: whether they stand between the cells, as where commas are in the numbers.
        or_names: whether `data.categories` may take numbers for names.
        ranges: by the names of columns, the smallest and the largest number that a model knows:
            where another reading lies within them and the preferred one does not, a note says so.
    """
    preferred, ranges = preferred or {}, ranges or {}
    found = {}
    by_name = {series.name: series for series in columns}
    for series in columns:
        if each := _candidates(series, thousands, units):
            found[series.name] = each
    points = {each.point for each in found.values()} - {""}
    if decimal == AUTO and len(points) == 1:
        decimal = points.pop()
    notations: dict[str, Notation] = {}
    others: dict[str, Notation] = {}
    doubtful: list[str] = []
    for name, each in found.items():
        known = preferred.get(name)

        def unlikely(reading: Notation, known: Notation | None = known) -> tuple[bool, bool, bool]:
            is_known = known and (known.decimal, known.thousands) == _pair(reading)
            return not is_known, reading.thousands != thousands, reading.decimal != decimal

        readings = sorted(each.readings, key=unlikely)  # stable
        if semicolons and readings[0].thousands == "," and all(unlikely(readings[0])):
            readings.reverse()
        notations[name] = replace(readings[0], words=known.words if known else ())
        if len(readings) > 1:
            others[name] = readings[1]
            if all(unlikely(readings[0])) or (
                name in ranges and _lies_elsewhere(by_name[name], readings, ranges[name])
            ):
                doubtful.append(name)
    marks = {each.thousands for each in notations.values() if each.decimal == ","} - {NONE}
    if len(marks) == 1:  # a column without thousands yet is of the same make
        mark = marks.pop()
        for name, chosen in notations.items():
            if chosen.decimal == ",":
                notations[name] = replace(chosen, thousands=mark)
    shown = [name for name in notations if reported is None or name in reported]
    new = [
        name
        for name in shown
        if replace(notations[name], words=()) != replace(preferred.get(name, PLAIN), words=())
    ]
    examples = {name: each.example for name, each in found.items()}
    unsure = [name for name in shown if name in doubtful]
    return Found(
        notations,
        tuple(_notes(new, notations, examples, others, unsure, or_names)),
        _common(list(notations.values()), points),
    )


def plain_frame(
    frame: pl.DataFrame, decimal: str, thousands: str, units: str, semicolons: bool
) -> tuple[pl.DataFrame, Found]:
    """A table whose columns of numbers are in plain notation; what is no number stays.

    Args:
        decimal, thousands, units, semicolons: see `infer`.
    """
    found = infer(
        [series for series in frame if series.dtype == pl.String],
        decimal=decimal,
        thousands=thousands,
        units=units,
        semicolons=semicolons,
    )
    written = []
    for name, each in found.notations.items():
        if not each.is_plain:
            plain = each.plain(frame[name])
            written.append(plain.zip_with(plain.is_not_null(), frame[name]))
    return frame.with_columns(written), found


def _candidates(series: pl.Series, thousands: str, units: str) -> _Candidates | None:
    """How the numbers of a column may be written; None where it holds none."""
    present = series.drop_nulls()
    if present.is_empty():
        return None
    plain = stripped(present)
    is_plain = plain.str.contains(_PLAIN_CELL).all()
    if is_plain and (thousands == NONE or not _may_count_thousands(plain)):
        point = "." if plain.str.contains(".", literal=True).any() else ""
        return _Candidates((PLAIN,), point, "")
    parts = _parts(present).filter(pl.col("digits").is_not_null())
    if len(parts) < _LEAST_NUMBERS * len(present):
        return None
    unit = _unit(parts["unit"], units)
    if unit is None:
        return None
    parts = parts.filter(pl.col("unit").is_in(["", unit]))
    is_minus = (parts["before"] == "-").any() or (parts["behind"] == "-").any()
    num_open = len(parts) - parts["open"].null_count()
    parentheses = units == AUTO and 0 < num_open < len(parts) and not is_minus
    digits = parts["digits"].unique(maintain_order=True)
    fits = {}
    # Nobody writes a mark between thousands and an exponent: 8,701e-01 has a decimal comma.
    are_whole = thousands == NONE or parts["exponent"].is_not_null().any()
    for reading in _READINGS:
        if are_whole and reading.thousands != NONE:
            continue
        fits[reading] = int(digits.str.contains(_form(*_pair(reading))).sum())
    most = max(fits.values())
    if most < _LEAST_NUMBERS * len(digits):
        return None
    best = [reading for reading, number in fits.items() if number == most]
    best = _different(best, digits)
    if len(best) > 1 and (best[0].decimal == "," or _counts_thousands(digits)):
        best.sort(key=lambda reading: reading.thousands == NONE)
    readings = tuple(replace(each, unit=unit, parentheses=parentheses) for each in best)
    numbers = readings[0].plain(present).cast(pl.Float64, strict=False)
    if numbers.len() - numbers.null_count() < _LEAST_NUMBERS * len(present):
        return None  # such as (1), (2), (3)
    point = ""
    if len(best) == 1 and digits.str.contains(best[0].decimal, literal=True).any():
        point = best[0].decimal
    is_marked = pl.col("digits").str.contains(r"\D")
    examples = parts.sort(pl.col("open").is_null(), ~is_marked, maintain_order=True)
    return _Candidates(readings, point, examples["cell"][0])


def _different(readings: list[Notation], digits: pl.Series) -> list[Notation]:
    """Readings that give other numbers than those before them, the simplest first."""
    kept: list[Notation] = []
    seen: list[pl.Series] = []
    for reading in readings:
        numbers = _number(digits, reading)
        if not any(numbers.equals(other) for other in seen):
            kept.append(reading)
            seen.append(numbers)
    return kept


def _lies_elsewhere(
    cells: pl.Series, readings: Sequence[Notation], ends: tuple[float, float]
) -> bool:
    """Tell whether most numbers are within a range by the second reading and not by the first."""
    first, second = (
        int(reading.plain(cells).cast(pl.Float64, strict=False).is_between(*ends).sum())
        for reading in readings[:2]
    )
    return first < 0.5 * (len(cells) - cells.null_count()) < second


def _number(digits: pl.Series, reading: Notation) -> pl.Series:
    text = digits.str.replace_all(_between(reading.thousands), "")
    if reading.decimal == ",":
        text = text.str.replace(",", ".", literal=True)
    fits = digits.str.contains(_form(*_pair(reading)))
    return pl.select(pl.when(fits).then(text.cast(pl.Float64, strict=False))).to_series()


def _may_count_thousands(cells: pl.Series) -> bool:
    """Whether plain numbers could be whole ones with a mark between thousands."""
    are_whole = cells.str.contains(r"^-?(?:[1-9]\d{0,2}(?:\.\d{3})+|\d+)$").all()
    return are_whole and bool(cells.str.contains(".", literal=True).any())


def _counts_thousands(digits: pl.Series) -> bool:
    """Whether numbers from 1,000 have a mark, always before three digits, and those below none.

    A decimal point would be followed by other than three digits somewhere, or stand in all.
    """
    below = digits.str.contains(r"^\d{1,3}$")
    long = digits.str.contains(r"^\d{4,}$")
    return bool(below.any() and (~below).sum() >= _LEAST_GROUPS and not long.any())


def _unit(units: pl.Series, wanted: str) -> str | None:
    """The unit of all numbers of a column, "" if they have none; None if they disagree."""
    named: list[str] = [unit for unit in units.unique() if unit]
    if not named:
        return ""
    if wanted != AUTO:
        return "" if (units == "").any() else None
    if len(named) > 1:
        return None
    # 5 % is not 0.05, and without a unit in some rows 12 kg may as well be a name.
    if (units == "").any() and (named[0] in _SHARE or named[0].isalpha()):
        return None
    return named[0]


def _parts(cells: pl.Series) -> pl.DataFrame:
    """The parts of each cell, null where there is none; "unit" is "" then, and "cell" the whole."""
    frame = pl.DataFrame({"cell": cells, "parts": stripped(cells)})
    parts = pl.col("parts").str.extract_groups(_CELL)
    unit = pl.coalesce(pl.col("suffix"), pl.col("prefix"), pl.lit("")).str.strip_chars()
    return frame.select("cell", parts).unnest("parts").with_columns(unit.alias("unit"))


def _between(thousands: str) -> str:
    return _BETWEEN.get(thousands, "[^\\s\\S]")  # that is: nothing


def _form(decimal: str, thousands: str) -> str:
    """A pattern of the digits of a number."""
    point = rf"\{decimal}"
    whole = r"\d+"
    if thousands in _BETWEEN:
        mark = _BETWEEN[thousands]
        whole = rf"(?:[1-9]\d{{0,2}}(?:{mark}\d{{3}})+|\d+)"
        if thousands == ",":  # and lakhs: 12,34,567
            whole = r"(?:[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d?(?:,\d{2})+,\d{3}|\d+)"
    return rf"^(?:{whole}(?:{point}\d*)?|{point}\d+)$"


def _pair(reading: Notation) -> tuple[str, str]:
    return reading.decimal, reading.thousands


def _common(notations: Sequence[Notation], points: Collection[str]) -> dict[str, str]:
    """What all columns have in common, for a recipe."""
    marks = {each.thousands for each in notations} - {NONE}
    written = {each.decimal for each in notations if each.decimal != "."} or set(points)
    found: dict[str, str] = {}
    if not notations:
        return found
    if len(written | set(points)) <= 1:
        found["decimal"] = next(iter(written), ".")
    if len(marks) <= 1:
        found["thousands"] = next(iter(marks), NONE)
    return found


def _notes(
    names: Sequence[str],
    notations: Mapping[str, Notation],
    examples: Mapping[str, str],
    others: Mapping[str, Notation],
    doubtful: Sequence[str],
    or_names: bool,
) -> Iterator[str]:
    """A sentence for each way of writing numbers that is not the plain one, or may not be.

    Args:
        doubtful: columns of which nothing says which reading is right.
    """
    kinds: dict[Notation, list[str]] = {}
    for name in names:
        if not notations[name].is_plain:
            kinds.setdefault(replace(notations[name], words=()), []).append(name)
    for notation, group in kinds.items():
        cell, other = examples[group[0]], others.get(group[0])
        what = []
        if notation.decimal == ",":
            what.append("a decimal comma")
        if notation.thousands != NONE:
            what.append(f"{_MARKS[notation.thousands]} between thousands")
        if notation.unit:
            what.append(f"the unit '{notation.unit}'")
        if notation.parentheses:
            what.append("parentheses for a minus sign")
        ways = []
        if other:
            ways.append(overrides.typed("data.decimal", other.decimal))
        if notation.unit or notation.parentheses:
            ways.append(overrides.typed("data.units", "keep"))
        otherwise = f"Otherwise: {' or '.join(ways)}" if ways else ""
        if or_names and not ways and len(group) <= _MOST_NAMED:
            otherwise = f"To take them for names: {overrides.typed('data.categories', group)}"
        yield (
            f"the numbers of '{group[0]}'{_more(len(group) - 1)} are read with {_listed(what)}: "
            f"'{cell}' is {notation.plain(pl.Series([cell]))[0]}. {otherwise}"
        ).rstrip()
    if unsure := [name for name in doubtful if notations[name].is_plain]:
        cell, other = examples[unsure[0]], others[unsure[0]]
        yield (
            f"the numbers of '{unsure[0]}'{_more(len(unsure) - 1)} are read with a decimal point: "
            f"'{cell}' is not {other.plain(pl.Series([cell]))[0]}. Otherwise: "
            f"{overrides.typed('data.thousands', other.thousands)}"
        )


def _more(number: int) -> str:
    return f" and {number:,} more column{'s' * (number > 1)}" if number else ""


def _listed(what: Sequence[str]) -> str:
    return " and ".join([", ".join(what[:-1]), what[-1]] if len(what) > 1 else what)
