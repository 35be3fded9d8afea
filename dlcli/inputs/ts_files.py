"""`.ts` files: whole series with their classes, as the UCR and UEA archives have them.

A header of lines with `@`, then a series a line: its channels with `:` between them, the values
of each with `,`, a missing one as `?`, and at the end the class if the header says so.
Source: https://www.sktime.net, "Representing data with .ts files".
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from dlcli.errors import DataError
from dlcli.inputs import text_files
from dlcli.inputs.affine import LARGEST_NUMBER
from dlcli.shown import display_name

SUFFIX = ".ts"
_MISSING = ("?", "NaN", "nan", "")


@dataclass(frozen=True)
class WholeSeries:
    """Whole series of one file.

    Args:
        values: for each float64 (steps, channels) of its own length, NaN where one is missing.
        labels: the class of each as text; () where the file has none.
        reading: how the file was read; see `dlcli.inputs.tables.Contents`.
        columns: of a table, the names of the steps.
    """

    values: tuple[np.ndarray, ...]
    labels: tuple[str, ...]
    names: tuple[str, ...]
    reading: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()


def read(path: Path, encoding: str = "auto", preferred: str = "") -> WholeSeries:
    """Read a `.ts` file.

    Args:
        encoding, preferred: see `dlcli.inputs.text_files.decoded`.

    Raises:
        DataError: it is missing, unreadable or no such file; what is wrong is named by its
            line, channel and step.
    """
    shown = display_name(path)
    data = text_files.content(path, shown, "a .ts file")
    text, found = text_files.decoded(data, encoding, shown, preferred)
    lines = io.StringIO(text, newline=None).read().split("\n")
    fields, start = _header(lines, shown)
    has_labels = fields.get("classlabel", "false").lower().startswith("true")
    if fields.get("timestamps", "false").lower().startswith("true"):
        raise DataError(
            f"{shown} has a time with each value (@timeStamps true). Expected values alone.",
            "Write evenly spaced values, with ? where one is missing.",
        )
    if "targetlabel" in fields and not has_labels:
        raise DataError(f"{shown} has a number for each series (@targetLabel), not a class.")
    classes = fields.get("classlabel", "").split()[1:]
    values, labels = [], []
    for number, line in enumerate(lines[start:], start + 1):
        if not line.strip() or line.startswith(("#", "%")):
            continue
        channels = line.strip().split(":")
        if has_labels:
            label = channels.pop().strip()
            if not channels or (classes and label not in classes):
                raise DataError(
                    f"{shown} line {number}: the class is '{label[:40]}'. Expected one of: "
                    f"{', '.join(classes)}."
                )
            labels.append(label)
        values.append(_joined(channels, f"{shown} line {number}"))
        if values[-1].shape[1] != values[0].shape[1]:
            raise DataError(
                f"{shown} line {number} has {values[-1].shape[1]} channels, the first series has "
                f"{values[0].shape[1]}."
            )
    if not values:
        raise DataError(f"{shown} holds no series.", "Is it the right file?")
    name = display_name(path.name)
    names = [f"{name} series {place}" for place in range(1, len(values) + 1)]
    reading = {"encoding": found.codec}
    return WholeSeries(tuple(values), tuple(labels), tuple(names), reading, found.notes)


def _header(lines: list[str], shown: str) -> tuple[dict[str, str], int]:
    """The fields by their names in lower case, and the number of lines before the data."""
    fields: dict[str, str] = {}
    for place, line in enumerate(lines):
        text = line.strip()
        if text.lower() == "@data":
            return fields, place + 1
        if text.startswith("@"):
            name, _, value = text[1:].partition(" ")
            fields[name.lower()] = value.strip()
        elif text and not text.startswith(("#", "%")):
            break
    raise DataError(
        f"{shown} is no .ts file: it has no line @data after its header.",
        "Expected a file as the UCR and UEA archives have them.",
    )


def _joined(channels: list[str], place: str) -> np.ndarray:
    """The channels of one series, float64 (steps, channels); a short one ends in NaN."""
    read = [_numbers(text, f"{place}, channel {n}") for n, text in enumerate(channels, 1)]
    series = np.full((max(map(len, read)), len(read)), np.nan)
    for column, values in enumerate(read):
        series[: len(values), column] = values
    return series


def _numbers(text: str, place: str) -> np.ndarray:
    cells = [cell.strip() for cell in text.split(",")]
    try:
        values = np.array([np.nan if cell in _MISSING else cell for cell in cells], np.float64)
    except ValueError:
        values = np.full(len(cells), np.nan)
        for step, cell in enumerate(cells, 1):
            try:
                float(cell if cell not in _MISSING else "nan")
            except ValueError:
                raise DataError(
                    f"{place}, step {step}: '{cell[:40]}' is no number.", "A missing one is a ?."
                ) from None
    too_large = np.abs(values) > LARGEST_NUMBER
    if too_large.any():
        step = int(too_large.argmax()) + 1
        what = "no finite number"
        if np.isfinite(values[step - 1]):
            what = f"beyond {LARGEST_NUMBER:g}, the largest number that is read"
        raise DataError(f"{place}, step {step}: '{cells[step - 1]}' is {what}.")
    return values
