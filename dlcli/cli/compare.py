"""dlcli compare."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dlcli import shown
from dlcli.cli import complete, options
from dlcli.cli.screens import output
from dlcli.errors import UsageError

if TYPE_CHECKING:
    from rich.console import RenderableType

app = typer.Typer()

EXAMPLES = options.examples("""
dlcli compare digits-cnn-20261121-101500 digits-logistic-20261121-101730
dlcli compare small large --output comparison.html
dlcli compare small-seed-0 small-seed-1 large-seed-0 large-seed-1
dlcli compare small large --json
""")

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_WIDE = 100  # columns of a terminal that take more figures than the one that runs are judged by


@app.command(epilog=EXAMPLES)
def compare(
    runs: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN...",
            help="Two runs or more: their names or paths. The others are tested against the first.",
            autocompletion=complete.runs,
        ),
    ],
    file: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write the curves of all runs over each other: .png or .svg; .html for a page "
            "with the tables as well.",
        ),
    ] = None,
    runs_dir: options.RunsDir = None,
    json: options.Json = False,
) -> None:
    """Show how runs differ, and whether one is better by more than chance.

    Keys of the recipes that differ, results side by side, and a paired test on the same test
    examples: McNemar's exact test for accuracy, else a paired bootstrap, in blocks where windows
    of a series overlap. Runs that differ by their seed alone are taken together.
    """
    from dlcli.runs import run_dir

    folder = run_dir.runs_folder(runs_dir)
    if file is not None:
        _check(file)
    if len(runs) > len(_LETTERS):
        raise UsageError(f"{len(runs)} runs are given. Expected at most {len(_LETTERS)}.")
    found = [run_dir.find(reference, folder) for reference in runs]

    from dlcli.reporting import comparison

    document = comparison.compare(found)
    if file is not None:
        from dlcli.reporting import comparison_page

        comparison_page.write(file, found, document)
    if json:
        written = {"output": str(file)} if file else {}
        output.print_json("compare", {**document, **written})
        return
    screen = output.console()
    screen.print(_results(document, 3 if screen.width >= _WIDE else 1))
    screen.print(_recipe(document))
    for group in document["groups"]:
        if group["sentence"]:
            output.print_line(screen, f"\n{group['sentence']}")
    for test in document["tests"]:
        style = "green" if test["more_than_chance"] else "yellow"
        output.print_line(screen, f"\n{test['sentence']}", style)
    if document["refused"]:
        output.print_line(screen, f"\n{document['refused']}", "yellow")
    if file is not None:
        output.print_line(screen, f"\n{shown.escaped(str(file))}")


def _check(file: Path) -> None:
    if file.suffix not in {".png", ".svg", ".html"}:
        raise UsageError(f"--output ends in '{file.suffix}': {file}. Expected .png, .svg or .html.")
    output.check_folder_of(file)


def _results(document: dict[str, Any], num_figures: int) -> RenderableType:
    """A run a row, with its letter in the other table and some figures besides the monitor."""
    from rich.console import Group
    from rich.text import Text

    from dlcli import quantities
    from dlcli.metric_names import format_metric, title

    monitor = document["monitor"]
    names = list(dict.fromkeys(name for run in document["runs"] for name in run["test"]))
    names = [monitor, *(name for name in names if name != monitor)][: 1 + num_figures]
    table = output.ruled_table()
    table.add_column("")
    table.add_column("Run", overflow="fold", ratio=1)
    for name in (*map(title, names), "Epochs", "Time", "Weights"):
        table.add_column(name, justify="right")
    for letter, run in zip(_LETTERS, document["runs"], strict=False):
        figures = (format_metric(name, run["test"].get(name), run["examples"]) for name in names)
        seconds, weights = run["seconds"], run["parameters"]
        table.add_row(
            Text(letter, style="bold"),
            Text(shown.name(run["name"])),
            *figures,
            f"{run['epochs']}",
            "-" if seconds is None else quantities.duration(seconds),
            "-" if weights is None else f"{weights:,}",
        )
    return Group("", table)


def _recipe(document: dict[str, Any]) -> RenderableType:
    """The keys that differ, a column a run."""
    from rich.console import Group
    from rich.text import Text

    from dlcli.reporting.comparison import written

    if not document["recipe"]:
        return Text("\nThe recipes are the same.", style="dim")
    table = output.ruled_table()
    table.add_column("Recipe", overflow="fold")
    for letter in _LETTERS[: len(document["runs"])]:
        table.add_column(letter, overflow="fold")
    for row in document["recipe"]:
        table.add_row(
            Text(shown.escaped(row["key"])),
            *(Text(shown.escaped(written(value))) for value in row["values"]),
        )
    return Group("", table)
