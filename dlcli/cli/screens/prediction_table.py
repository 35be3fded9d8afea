"""Predictions as a person reads them, in tables on a terminal."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import TextIO

from rich.table import Table
from rich.text import Text

from dlcli import shown
from dlcli.cli.screens import output
from dlcli.prediction.prediction import Cell
from dlcli.prediction.protocols import Predicted

_ROWS_A_PAGE = 1000


def write(predictions: Iterable[Predicted], file: TextIO) -> None:
    """Write predictions as tables of a page each, in memory that does not grow with them."""
    found = iter(predictions)
    while page := list(itertools.islice(found, _ROWS_A_PAGE)):
        _write_page(page, file)


def _write_page(items: Sequence[Predicted], file: TextIO) -> None:
    known = any(item.is_known for item in items)
    answered = next((item.row(known) for item in items if not item.error), None)
    first, *others = answered or [Cell("input", ""), Cell("answer", "", justify="right")]
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column(Text(first.heading), overflow="fold")
    for cell in others:
        table.add_column(Text(cell.heading), justify=cell.justify)
    for item in items:
        if item.error:
            error = Text(shown.escaped(item.error), style="red")
            table.add_row(Text(shown.name(item.input)), error)
        else:
            table.add_row(*(Text(cell.text, style=cell.style) for cell in item.row(known)))
    output.console(file).print(table)
