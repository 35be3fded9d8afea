"""The table that `dlcli benchmark` prints."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text

from dlcli import outputs, shown
from dlcli.cli.screens import output
from dlcli.metric_names import format_metric, is_better, title
from dlcli.quantities import file_size

if TYPE_CHECKING:
    from dlcli.benchmark.run import Row

_WIDE = 104  # columns of a terminal on which all has room


def table(rows: Sequence[Row], batch_size: int, threads: int, width: int) -> RenderableType:
    """A row an artifact, what could not be measured with its reason below.

    Args:
        width: of the terminal; on a narrow one the 95th percentile, the time to load and the
            ratio of speeds are left out.
    """
    wide = width >= _WIDE
    names = shown_names([row.path for row in rows])
    metrics = list(dict.fromkeys(row.metric for row in rows if row.metric))
    shown = output.ruled_table(collapse_padding=not wide)
    shown.add_column("  Artifact", overflow="fold")
    headings = ["Size", title(metrics[0]) if len(metrics) == 1 else "Metric", "Change"]
    headings += ["ms", "p95", "Faster", "Per s"] if wide else ["ms", "Per s"]
    headings += ["MB", "Load"] if wide else ["MB"]
    for heading in headings:
        shown.add_column(heading, justify="right", no_wrap=True)
    for row, name in zip(rows, names, strict=True):
        bad = bool(row.error or row.failures)
        mark = Text("✗", style="red") if bad else Text("✓", style="green")
        cells = [Text(file_size(row.size) if row.size else "-")]
        if row.error:
            cells.append(Text("failed", style="red"))
        else:
            cells += _measured(row, rows[0], wide, len(metrics) > 1)
        shown.add_row(Text.assemble(mark, " ", name), *cells)
    reasons = [
        Text.assemble("\n", ("✗ ", "red"), row.error, " ", (row.hint, "dim"))
        for row in rows
        if row.error
    ]
    return Group("", shown, *reasons, Text(_how(rows, batch_size, threads), style="dim"))


def shown_names(paths: Sequence[Path]) -> list[str]:
    """Paths without the folder that all of them are in."""
    folder = os.path.commonpath([path.absolute().parent for path in paths])
    return [shown.name(str(path.absolute().relative_to(folder))) for path in paths]


def _measured(row: Row, first: Row, wide: bool, several: bool) -> list[Text]:
    # As `judged` writes them: a time ends in its unit, and "rmse" holds it too.
    too_slow = any(failure.endswith(" ms") for failure in row.failures)
    too_bad = any(not failure.endswith(" ms") for failure in row.failures)
    value = format_metric(row.metric, row.value, row.examples)
    cells = [
        Text(f"{title(row.metric)} {value}" if several else value, style="red" if too_bad else ""),
        _change(row, first),
        Text(milliseconds(row.single_ms), style="red" if too_slow else ""),
    ]
    if wide:
        cells += [Text(milliseconds(row.single_p95_ms)), Text(_faster(row, first), style="dim")]
    cells += [
        Text(f"{row.examples_per_second or 0:,.0f}"),
        Text(f"{(row.peak_memory_bytes or 0) / 1e6:,.0f}"),
    ]
    if wide:
        cells.append(Text(f"{row.load_seconds or 0:.2f} s"))
    return cells


def _change(row: Row, first: Row) -> Text:
    """The change against the first row, coloured by whether it is for the better."""
    if row is first or row.change is None:
        return Text("")
    points = outputs.metric(row.metric).is_share
    text = f"{row.change:+.2f}" if points else f"{row.change:+.3g}"
    if float(text) == 0:
        return Text("same", style="dim")
    worse = not is_better(row.metric, row.change, 0.0)
    return Text(f"{text} pt" if points else text, style="yellow" if worse else "green")


def _faster(row: Row, first: Row) -> str:
    """How many times as fast as the first row, for one example."""
    if row is first or not first.single_ms or not row.single_ms:
        return ""
    ratio = first.single_ms / row.single_ms
    return f"{ratio:,.0f}x" if ratio >= 10 else f"{ratio:.1f}x"


def milliseconds(value: float | None) -> str:
    """With the digits that count: "0.057", "3.71", "12.3"."""
    if value is None:
        return "-"
    decimals = 3 if value < 0.1 else 2 if value < 10 else 1 if value < 100 else 0
    return f"{value:,.{decimals}f}"


def _how(rows: Sequence[Row], batch_size: int, threads: int) -> str:
    counts = sorted({row.examples for row in rows if row.examples})
    examples = " and ".join(f"{count:,}" for count in counts)
    of_what = f"Metric of {examples} examples. " if counts else ""
    if any(not row.examples and not row.error for row in rows):
        of_what += (
            "Without the data, times are those of random inputs; --data PATH adds the metric. "
        )
    plural = "s" if threads > 1 else ""
    return (
        f"\n{of_what}ms: median for one raw example. Per s: in batches of {batch_size}. MB: "
        f"most memory of its process. {threads} thread{plural}."
    )
