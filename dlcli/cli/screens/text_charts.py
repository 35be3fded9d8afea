"""Charts in letters, for a terminal: they say the same without colour."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from dlcli.metric_names import format_metric, title

_LEVELS = "▁▂▃▄▅▆▇█"
_HEIGHT = 9  # lines of a chart
_TRAIN, _VALIDATION, _BOTH = "·", "o", "●"
_STYLES = {_TRAIN: "blue", _VALIDATION: "yellow", _BOTH: "green"}
_LOG_FROM = 50  # times the smallest value: what a chart shows of the rest on a plain scale is flat


def sparkline(values: Sequence[float], width: int = 10) -> str:
    """A curve in one line, the lowest value at the bottom.

    Args:
        values: in their order; those that are not finite leave a gap.
        width: characters at most; of more values each character is the last of its share.
    """
    count = min(len(values), width)
    chosen = [values[(place + 1) * len(values) // count - 1] for place in range(count)]
    finite = [value for value in chosen if math.isfinite(value)]
    low, high = min(finite, default=0.0), max(finite, default=0.0)
    top = len(_LEVELS) - 1
    return "".join(
        _LEVELS[round(top * (value - low) / (high - low)) if high > low else top // 2]
        if math.isfinite(value)
        else " "
        for value in chosen
    )


def curves(
    rows: Sequence[dict[str, float]], names: Sequence[str], best_epoch: int | None, width: int
) -> RenderableType:
    """Charts of metrics over the epochs, train and validation, side by side where they fit.

    Args:
        names: of the metrics, without "val_".
        best_epoch: marked below, from 1.
        width: columns of the terminal.
    """
    if len(rows) < 2:
        return Group()
    side_by_side = width >= 76 and len(names) > 1
    each = (width - 3) // 2 if side_by_side else width
    charts = [_chart(rows, name, best_epoch, min(each, 60)) for name in names]
    legend = Text.assemble(
        (_TRAIN, _STYLES[_TRAIN]),
        " train   ",
        (_VALIDATION, _STYLES[_VALIDATION]),
        " validation   ",
        (_BOTH, _STYLES[_BOTH]),
        " both   ^ best epoch",
    )
    if not side_by_side:
        return Group("", *charts, legend)
    table = Table.grid(padding=(0, 3, 0, 0))
    table.add_row(*charts)
    return Group("", table, legend)


def _chart(rows: Sequence[dict[str, float]], name: str, best_epoch: int | None, width: int) -> Text:
    series = {
        sign: [row.get(key, math.nan) for row in rows]
        for sign, key in ((_TRAIN, name), (_VALIDATION, f"val_{name}"))
    }
    finite = [value for values in series.values() for value in values if math.isfinite(value)]
    low, high = min(finite, default=0.0), max(finite, default=1.0)
    is_log = low > 0 and high / low > _LOG_FROM
    labels = [format_metric(name, bound) for bound in (high, low)]
    margin = max(map(len, labels))
    columns = max(min(width - margin - 2, max(4 * len(rows), 20)), 10)
    grid = [[" "] * columns for _ in range(_HEIGHT)]

    def place(epoch: float) -> int:
        return round((columns - 1) * (epoch - 1) / (len(rows) - 1))

    def line(value: float) -> int:
        bottom, top, here = map(math.log, (low, high, value)) if is_log else (low, high, value)
        share = (here - bottom) / (top - bottom) if top > bottom else 0.5
        return round((_HEIGHT - 1) * (1 - share))

    for sign, values in series.items():
        for column in range(columns):
            # Between two epochs a straight line, so that few epochs make a curve too.
            at = column / (columns - 1) * (len(values) - 1)
            before, after = values[math.floor(at)], values[math.ceil(at)]
            value = before + (after - before) * (at - math.floor(at))
            if math.isfinite(value):
                row = grid[line(value)]
                row[column] = sign if row[column] == " " else _BOTH
    text = Text(f"{title(name)}{' (log scale)' if is_log else ''}\n", style="bold")
    for number, row in enumerate(grid):
        label = labels[0] if number == 0 else labels[1] if number == _HEIGHT - 1 else ""
        text.append(f"{label:>{margin}} ", style="not bold")
        text.append("┤" if label else "│", style="not bold dim")
        for sign in row:
            text.append(sign, style=f"not bold {_STYLES.get(sign, '')}".strip())
        text.append("\n")
    ruler = [" "] * columns
    if best_epoch and 1 <= best_epoch <= len(rows):
        ruler[place(best_epoch)] = "^"
    first, last = "epoch 1", f"{len(rows):,}"
    text.append(f"{' ' * margin} └{'─' * columns}\n", style="not bold dim")
    text.append(f"{' ' * (margin + 2)}{''.join(ruler)}\n", style="not bold")
    gap = " " * (columns - len(first) - len(last))
    text.append(f"{' ' * (margin + 2)}{first}{gap}{last}", style="not bold dim")
    return text
