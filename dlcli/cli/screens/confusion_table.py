"""What is taken for what, as a table: all classes, or the pairs that are confused most."""

from __future__ import annotations

from collections import Counter
from typing import Any

from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from dlcli import shown
from dlcli.cli.screens import output
from dlcli.metric_names import format_metric
from dlcli.runs.results import confusion_counts, confusions

_MAX_CLASSES = 12  # of a table with a column a class
_LONGEST_NAME = 12  # of a heading
_PAIRS_SHOWN = 10


def table(metrics: dict[str, Any], console: Console) -> RenderableType:
    """The confusion matrix of the test split, or its largest errors; nothing without classes."""
    test = metrics.get("test", {})
    names = [shown.name(str(measured["class"])) for measured in test.get("per_class", [])]
    counts = test.get("confusion", [])
    if not names or not confusion_counts(test):
        return Group()
    if len(names) <= _MAX_CLASSES and len(counts) == len(names):
        drawn = _matrix(names, counts)
        needed = console.measure(drawn, options=console.options.update_width(1000)).maximum
        if needed <= console.width:
            return Group("", drawn)
    return _pairs(names, test)


def _matrix(names: list[str], counts: list[list[int]]) -> RenderableType:
    headings = [name if len(name) <= _LONGEST_NAME else f"{name[:11]}…" for name in names]
    shown = [[f"{count:,}" if count else "·" for count in row] for row in counts]
    widths = [
        max(cell_len(text) for text in column) for column in zip(headings, *shown, strict=True)
    ]
    drawn = Table.grid(padding=(0, 1, 0, 0))
    for _ in range(len(names) + 1):
        drawn.add_column(no_wrap=True)
    # A box of colour is as wide as its column: the spaces are part of the text.
    heads = (
        Text(f" {' ' * (width - cell_len(heading))}{heading} ", style="dim")
        for heading, width in zip(headings, widths, strict=True)
    )
    drawn.add_row(Text("True \\ taken for", style="dim"), *heads)
    for place, (name, row) in enumerate(zip(names, counts, strict=True)):
        whole = sum(row) or 1
        cells = [
            Text(f" {text:>{width}} ", style=_shade(count / whole, column == place))
            for column, (count, text, width) in enumerate(
                zip(row, shown[place], widths, strict=True)
            )
        ]
        drawn.add_row(Text(name), *cells)
    return drawn


def _pairs(names: list[str], test: dict[str, Any]) -> RenderableType:
    mistakes = confusions(test)
    if not mistakes:
        return Group()
    drawn = output.ruled_table()
    drawn.add_column("True class", overflow="fold")
    drawn.add_column("Taken for", overflow="fold")
    drawn.add_column("Examples", justify="right", no_wrap=True)
    drawn.add_column("Of the class", justify="right", no_wrap=True)
    examples: Counter[int] = Counter()
    for true, _, count in confusion_counts(test):
        examples[true] += count
    for count, true, taken in mistakes[:_PAIRS_SHOWN]:
        whole = examples[true]
        share = format_metric("recall", count / whole, whole)
        drawn.add_row(Text(names[true]), Text(names[taken]), f"{count:,}", share)
    wrong = sum(count for count, _, _ in mistakes)
    shown = min(len(mistakes), _PAIRS_SHOWN)
    text = f"The {shown} commonest of {len(mistakes):,} kinds of mistakes ({wrong:,} examples)."
    return Group("", drawn, Text(f"\n{text}", style="dim"))


def _shade(share: float, is_right: bool) -> str:
    """A style: blue for what is right and orange for what is not, the stronger the more."""
    if not share:
        return "dim"
    # Half strong at least, so that one mistake of many is seen.
    strength = 0.35 + 0.65 * share
    full = (0, 114, 178) if is_right else (213, 94, 0)
    red, green, blue = (round(255 - strength * (255 - part)) for part in full)
    letters = "rgb(255,255,255)" if strength > 0.8 else "black"
    return f"{letters} on rgb({red},{green},{blue})"
