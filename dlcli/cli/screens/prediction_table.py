"""Predictions as a person reads them, in tables on a terminal."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TextIO

from dlcli import shown
from dlcli.cli.screens import output

if TYPE_CHECKING:
    from dlcli.prediction import Prediction

_ROWS_A_PAGE = 1000


def write(predictions: Iterable[Prediction], file: TextIO) -> None:
    """Write predictions as tables of a page each, in memory that does not grow with them.

    Args:
        predictions: of one model.
        file: where to.
    """
    found = iter(predictions)
    while page := list(itertools.islice(found, _ROWS_A_PAGE)):
        _write_page(page, file)


def _write_page(items: Sequence[Prediction], file: TextIO) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("input", overflow="fold")
    if any(item.values for item in items):
        _write_forecast(items, file)
        return
    with_classes = any(item.classes for item in items)
    table.add_column("answer", justify="left" if with_classes else "right")
    if with_classes:
        table.add_column("probability", justify="right")
        table.add_column("next")
    known = any(item.true_class or item.true_value is not None for item in items)
    if known:
        if with_classes:
            table.add_column("true class")
        else:
            table.add_column("true value", justify="right")
    for item in items:
        if item.error:
            table.add_row(
                Text(shown.name(item.input)), Text(shown.escaped(item.error), style="red")
            )
            continue
        if item.value is not None:
            numbers = [item.value] + ([item.true_value] if item.true_value is not None else [])
            table.add_row(Text(shown.name(item.input)), *(f"{number:,.6g}" for number in numbers))
            continue
        (best, probability), *others = item.classes
        cells = [
            Text(shown.name(item.input)),
            Text(shown.name(best), style="bold"),
            Text(f"{probability:.1%}"),
            Text(
                ", ".join(f"{shown.name(name)} {value:.1%}" for name, value in others), style="dim"
            ),
        ]
        if known:
            right = item.true_class == best
            cells.append(Text(shown.name(item.true_class), style="green" if right else "red"))
        table.add_row(*cells)
    output.console(file).print(table)


def _write_forecast(items: Sequence[Prediction], file: TextIO) -> None:
    """A row a step, with a column for each target, and its truth where it is known."""
    from rich.table import Table
    from rich.text import Text

    names = list(dict.fromkeys(name for item in items for name in item.values))
    known = any(item.true_values for item in items)
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("step", overflow="fold")
    for name in names:
        table.add_column(Text(shown.name(name)), justify="right")
        if known:
            table.add_column("truth", justify="right", style="dim")
    for item in items:
        cells = []
        for name in names:
            columns = (item.values, item.true_values) if known else (item.values,)
            cells += [f"{values[name]:,.6g}" if name in values else "" for values in columns]
        table.add_row(
            Text(shown.escaped(item.error or item.input), style="red" if item.error else ""), *cells
        )
    output.console(file).print(table)
