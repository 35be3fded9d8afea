"""What dlcli explain shows in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PIL import Image
from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from dlcli import outputs, shown
from dlcli.cli.screens import output
from dlcli.evaluation.plot_style import BLUE, ORANGE
from dlcli.explanation import sanity
from dlcli.explanation.attribution import Attribution, Explanation, Places
from dlcli.explanation.drawings import colours, headings
from dlcli.explanation.drawings.columns import cell
from dlcli.explanation.flow import Answer
from dlcli.explanation.permutation import Importances

if TYPE_CHECKING:
    import numpy as np

_BAR = 24
_STRONGEST = 6
_MAP_WIDTH = 32
_CELLS = 60
_MOST_COLUMNS = 25
_SHADES = " ░▒▓█"
# Terminals have a white of their own, which may be gray.
_INKS = {"black": "rgb(0,0,0)", "white": "rgb(255,255,255)"}


def show(answer: Answer, screen: Console) -> None:
    """Print all explanations, their checks and where the pictures are."""
    if answer.importances:
        _importances(answer.importances, screen)
    for explanation in answer.result.explanations:
        _explanation(explanation, screen)
        screen.print()
    for check in answer.result.checks:
        output.print_line(screen, _check(check))
    if answer.folder:
        output.print_line(
            screen, Text.assemble("Pictures and numbers: ", (str(answer.folder), "cyan"))
        )


def _explanation(explanation: Explanation, screen: Console) -> None:
    prediction, explained = explanation.prediction, explanation.explained
    places = explanation.places
    heading = Text(shown.name(prediction.input), style="bold")
    if prediction.error or explained is None:
        output.print_line(screen, heading)
        output.print_line(screen, Text(f"  {prediction.error}", style="red"))
        return
    heading.append(f"   {prediction.sentence(explanation.target)}", style="not bold")
    if prediction.best not in {"", explained.name}:
        heading.append(f"   explained: {shown.name(explained.name)}", style="not bold")
    output.print_line(screen, heading)
    if not places.names:
        _images(explanation, places, screen)
        return
    for attribution in explanation.attributions:
        output.print_line(screen, _title(attribution))
        values = attribution.values
        if values.ndim == 2:
            _channels(values, places, screen)
        elif len(values) != len(places.names):
            _steps(values, places, screen)
        elif places.reference:
            _cells(values, places, screen)
        else:
            _words(attribution, places, screen)


def _title(attribution: Attribution) -> Text:
    """The method, what it measures, and whether it adds up."""
    text = Text.assemble(
        (f"  {headings.method(attribution.method)}", "cyan"), f": {attribution.unit}"
    )
    if attribution.score is not None and attribution.reference_score is not None:
        text.append(
            f"; {attribution.score:.4g}, and {attribution.reference_score:.4g} for "
            f"{attribution.reference}",
            style="dim",
        )
    elif attribution.reference:
        text.append(f"; {attribution.reference}", style="dim")
    if attribution.relative_gap is not None:
        text.append(f"; gap {attribution.relative_gap:.2%}", style="dim")
    return text


def _words(attribution: Attribution, places: Places, screen: Console) -> None:
    """The words, shaded; without colours each has its number behind it."""
    values = attribution.values
    largest = colours.magnitude(values)
    line = Text()
    for name, value in zip(places.names, values.tolist(), strict=True):
        word = shown.name(name)
        if screen.color_system:
            share = value / largest
            background = ",".join(map(str, colours.shade(share)))
            line.append(f" {word} ", style=f"{_INKS[colours.ink(share)]} on rgb({background})")
        else:
            line.append(f"{word}({headings.number(value, attribution.signed)}) ")
    screen.print(Padding(line, (0, 4)))
    if screen.color_system:
        _strongest(
            list(zip(places.names, values.tolist(), strict=True)), attribution.signed, screen
        )


def _strongest(pairs: list[tuple[str, float]], signed: bool, screen: Console) -> None:
    """The words that count most, with their numbers."""
    ordered = sorted(pairs, key=lambda pair: -pair[1])
    groups = [("for", [each for each in ordered if each[1] > 0][:_STRONGEST])]
    if signed:
        groups.append(("against", [each for each in reversed(ordered) if each[1] < 0][:_STRONGEST]))
    for label, chosen in groups:
        if chosen:
            listed = "  ".join(
                f"{shown.name(name)} {headings.number(value, signed)}" for name, value in chosen
            )
            output.print_line(
                screen, Text(f"    {label if signed else 'most':<8}{listed}", style="dim")
            )


def _channels(values: np.ndarray, places: Places, screen: Console) -> None:
    """A line a channel, a cell a step or some steps; then the steps that count most."""
    import numpy as np

    order = np.argsort(-np.abs(values).sum(axis=0), kind="stable")[:_MOST_COLUMNS].tolist()
    sums = {channel: f"{values[:, channel].sum():+.4g}" for channel in order}
    room = screen.width - len("     ") - len("  ") - max(map(len, sums.values()))
    width = max(cell_len(places.names[channel]) for channel in order)
    if screen.color_system:
        width = min(width, max(room // 2, 1))
    num_steps = len(values)
    cells = min(num_steps, _CELLS, max(room - width, 1))
    edges = np.linspace(0, num_steps, cells + 1).astype(int)
    summed = np.add.reduceat(values, edges[:-1], axis=0)  # (cells, channels)
    largest = colours.magnitude(summed)
    for channel in order:
        line = Text(places.names[channel])
        line.truncate(width, overflow="ellipsis", pad=True)
        line.append(" ")
        if screen.color_system:
            for value in summed[:, channel].tolist():
                background = ",".join(map(str, colours.shade(value / largest)))
                line.append(" ", style=f"on rgb({background})")
        line.append(f"  {sums[channel]}")
        screen.print(Text("    ") + line, soft_wrap=True)
    flat = np.argsort(-np.abs(values).reshape(-1), kind="stable")[:_STRONGEST]
    named, first = [], places.first_step(num_steps)
    for place in flat.tolist():
        step, channel = divmod(place, values.shape[1])
        of_channel = f" {places.names[channel]}" if len(places.names) > 1 else ""
        named.append(f"step {first + step}{of_channel} {values[step, channel]:+.3g}")
    output.print_line(screen, Text(f"    most    {'  '.join(named)}", style="dim"))


def _steps(values: np.ndarray, places: Places, screen: Console) -> None:
    """Attention: the steps that it is on."""
    import numpy as np

    first = places.first_step(len(values))
    order = np.argsort(-values, kind="stable")[:_STRONGEST].tolist()
    listed = "  ".join(f"step {first + place} {values[place]:.1%}" for place in order)
    output.print_line(screen, Text(f"    most    {listed}", style="dim"))


def _cells(values: np.ndarray, places: Places, screen: Console) -> None:
    """A row a column: its cell, what is usual, and a bar."""
    import numpy as np

    table = _plain_table()
    for name in ("column", "cell", "usually"):
        table.add_column(name, overflow="fold")
    table.add_column("effect", justify="right", overflow="fold")
    table.add_column("")
    largest = colours.magnitude(values)
    order = np.argsort(-np.abs(values), kind="stable")[:_MOST_COLUMNS]
    for place in order.tolist():
        value = float(values[place])
        table.add_row(
            Text(f"    {places.names[place]}"),
            Text(cell(places.content[place])),
            Text(cell(places.reference[place]), style="dim"),
            f"{value:+.3f}" if value else "0",
            _bar(value / largest),
        )
    screen.print(table)


def _importances(importances: Importances, screen: Console) -> None:
    change, of = (
        ("loss", "of") if outputs.metric(importances.metric).higher_is_better else ("rise", "in")
    )
    output.print_line(
        screen,
        Text.assemble(
            ("permutation importance", "cyan"),
            f": {change} {of} {importances.metric} when the cells of one column change their rows, "
            f"the mean of {importances.repeats} times; without, it is {importances.value:.4g} over "
            f"{importances.num_rows:,} rows",
        ),
    )
    table = _plain_table()
    table.add_column("column", overflow="fold")
    table.add_column(change, justify="right")
    table.add_column("spread", justify="right")
    table.add_column("")
    largest = max((abs(each.mean) for each in importances.columns), default=0.0) or 1.0
    for each in importances.columns[:_MOST_COLUMNS]:
        above = each.mean > importances.bound
        table.add_row(
            Text(each.column),
            f"{each.mean:+.4g}" if abs(each.mean) > 1e-9 else "0",
            Text(f"{each.std:.2g}", style="dim"),
            _bar(each.mean / largest) if above else Text("within chance", style="dim"),
        )
    screen.print(table)
    rest = len(importances.columns) - _MOST_COLUMNS
    if rest > 0:
        output.print_line(screen, f"... and {rest:,} more columns, in the document")
    output.print_line(
        screen,
        f"Check with shuffled targets, where no column helps: the largest {change} is "
        f"{importances.bound:.2g}; what is no larger is chance.",
    )


def _images(explanation: Explanation, places: Places, screen: Console) -> None:
    """The image and its maps side by side, two pixels a character, where there are colours."""
    for attribution in explanation.attributions:
        output.print_line(screen, _title(attribution))
    if not screen.is_terminal:
        return
    gap = Text("  ")
    if screen.color_system not in {"truecolor", "256"}:
        for attribution in explanation.attributions:
            if not attribution.signed:
                for row in _shaded(attribution.values):
                    screen.print(Text(f"    {row}"))
        return
    room = (screen.width - 2) // (_MAP_WIDTH + 2)
    pictures = [_pixels(places.content)]
    pictures += [_colored(each) for each in explanation.attributions]
    lines = [_half_blocks(picture) for picture in pictures[: max(room, 1)]]
    for side_by_side in zip(*lines, strict=True):
        screen.print(Text("  ") + gap.join(side_by_side))


def _pixels(pixels: Any) -> np.ndarray:
    """An image as red, green and blue, a few pixels wide."""
    import numpy as np

    return _small(np.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else pixels)


def _colored(attribution: Attribution) -> np.ndarray:
    import numpy as np

    values = attribution.values
    largest = colours.magnitude(values, 0.99)
    shades = [colours.shade(value / largest) for value in values.reshape(-1).tolist()]
    return _small(np.array(shades, np.uint8).reshape(*values.shape, 3))


def _small(image: np.ndarray) -> np.ndarray:
    import numpy as np

    height, width, _ = image.shape
    rows = max(2, round(_MAP_WIDTH * height / width / 2) * 2)
    resample = Image.Resampling.BOX if width > _MAP_WIDTH else Image.Resampling.NEAREST
    return np.asarray(Image.fromarray(image.astype(np.uint8)).resize((_MAP_WIDTH, rows), resample))


def _half_blocks(image: np.ndarray) -> list[Text]:
    """A line for each two rows of pixels: the upper one is the letter, the lower its ground."""
    lines = []
    for upper, lower in zip(image[::2].tolist(), image[1::2].tolist(), strict=True):
        line = Text()
        for above, below in zip(upper, lower, strict=True):
            style = f"rgb({','.join(map(str, above))}) on rgb({','.join(map(str, below))})"
            line.append("▀", style=style)
        lines.append(line)
    return lines


def _shaded(values: np.ndarray) -> list[str]:
    """A map in letters, dark where much is."""
    import numpy as np

    height, width = values.shape
    columns = _MAP_WIDTH
    rows = max(1, round(columns * height / width / 2))  # letters are twice as high as wide
    small = np.asarray(
        Image.fromarray(values.astype(np.float32)).resize((columns, rows), Image.Resampling.BOX)
    )
    largest = float(small.max()) or 1.0
    levels = np.clip(small / largest * (len(_SHADES) - 1), 0, len(_SHADES) - 1).round().astype(int)
    return ["".join(_SHADES[level] for level in row) for row in levels.tolist()]


def _bar(share: float) -> Text:
    """A bar to the right, blue for and orange against."""
    length = round(abs(share) * _BAR)
    return Text("█" * length, style=BLUE if share >= 0 else ORANGE)


def _check(check: Any) -> Text:
    """The verdict on a method in a line."""
    if check.rank_correlation is None:
        return Text(f"Check of {check.method}: none; {check.reason}.", style="dim")
    passed = check.rank_correlation < sanity.BOUND
    return Text.assemble(
        f"Check of {check.method} with shuffled weights: rank correlation "
        f"{check.rank_correlation:.2f}, ",
        f"{'below' if passed else 'not below'} {sanity.BOUND}: ",
        (f"it {check.verdict}", "green" if passed else "yellow"),
    )


def _plain_table() -> Table:
    return Table(box=None, header_style="bold", pad_edge=False)
