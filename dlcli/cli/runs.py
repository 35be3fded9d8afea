"""dlcli runs: the run directories that there are."""

from __future__ import annotations

import shlex
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from dlcli import outputs, shown
from dlcli.cli import complete, options
from dlcli.cli.screens import next_commands, output
from dlcli.errors import DlcliError, RunBusyError, UsageError
from dlcli.metric_names import format_metric, title

if TYPE_CHECKING:
    from rich.console import RenderableType

    from dlcli.runs.run_dir import RunDir
    from dlcli.runs.summary import RunSummary

app = typer.Typer(name="runs", no_args_is_help=True)

EXAMPLES_LIST = options.examples("""
dlcli runs list
dlcli runs list --sort metric
dlcli runs list --json
""")
EXAMPLES_SHOW = options.examples("""
dlcli runs show latest
dlcli runs show digits-cnn-20261121-101500
""")
EXAMPLES_REMOVE = options.examples("""
dlcli runs remove digits-cnn-20261121-101500
dlcli runs remove first-try second-try --yes
""")

_WIDE = 100  # columns of a terminal that take every column of the list
_STATE_STYLES = {
    "completed": "green",
    "training": "cyan",
    "interrupted": "yellow",
    "empty": "dim",
}


@app.callback()
def runs() -> None:
    """List, show and remove the runs that training has left behind."""


@app.command("list", epilog=EXAMPLES_LIST)
def list_runs(
    sort: Annotated[
        Literal["created", "metric", "name"],
        typer.Option(help="Newest first, best test result first, or by name."),
    ] = "created",
    runs_dir: options.RunsDir = None,
    json: options.Json = False,
) -> None:
    """List all runs with their test results and how each learned."""
    from dlcli.runs import run_dir, summary

    folder = run_dir.runs_folder(runs_dir)
    summaries = [summary.summarize(run) for run in run_dir.all_runs(folder)]
    if sort == "name":
        summaries.sort(key=lambda summary: summary.name)
    elif sort == "metric":
        summaries.sort(key=_worseness)
    if json:
        output.print_json(
            "runs-list", {"folder": str(folder), "runs": [_as_json(each) for each in summaries]}
        )
    elif summaries:
        screen = output.console()
        table = _list_table(summaries, screen.width, with_curve=True)
        unfolded = screen.measure(table, options=screen.options.update_width(1000)).maximum
        if unfolded > screen.width:  # a name is more than a curve
            table = _list_table(summaries, screen.width, with_curve=False)
        screen.print(table)
    else:
        output.print_line(
            output.error_console(), f"There are no runs in {shown.escaped(str(folder))} yet."
        )
        output.print_next("dlcli train digits-cnn")


@app.command(epilog=EXAMPLES_SHOW)
def show(
    run: options.Run,
    runs_dir: options.RunsDir = None,
    json: options.Json = False,
) -> None:
    """Show what a run was trained on, its results and its files."""
    from dlcli.runs import documents, run_dir, summary

    found = run_dir.find(run, run_dir.runs_folder(runs_dir))
    run_summary = summary.summarize(found)
    _, environment = documents.fitting(found)
    metrics = documents.or_empty(documents.metrics, found)
    if json:
        output.print_json(
            "runs-show",
            {
                **_as_json(run_summary),
                "bytes": found.size(),
                "environment": environment,
                "metrics": metrics,
                "files": {path.name: text for path, text in found.contents()},
            },
        )
        return
    from rich.text import Text

    from dlcli.cli.screens import confusion_table, metrics_table, text_charts

    screen = output.console()
    output.print_line(
        screen,
        Text.assemble(
            (shown.name(run_summary.name), "bold"),
            "  ",
            (run_summary.state, _STATE_STYLES[run_summary.state]),
        ),
    )
    facts = _facts(run_summary, environment, metrics)
    screen.print(_table_of(facts))
    if argv := environment.get("argv"):  # a table would break it
        heading = "Command".ljust(max(map(len, facts)) + 2)
        command = shlex.join(["dlcli", *argv[1:]])
        screen.print(Text.assemble((heading, "dim"), shown.escaped(command)), soft_wrap=True)
    rows = summary.history(found.history)
    names = [
        name for name in ("loss", run_summary.monitor or "") if rows and f"val_{name}" in rows[0]
    ]
    best_epoch = metrics.get("best_epoch")
    screen.print(text_charts.curves(rows, list(dict.fromkeys(names)), best_epoch, screen.width))
    if metrics:
        screen.print(metrics_table.result_table(metrics))
        screen.print(metrics_table.per_class_table(metrics))
        screen.print(confusion_table.table(metrics, screen))
    for path, read in (
        (found.metrics, documents.metrics),
        (found.environment, documents.environment),
    ):
        if path.exists():
            try:
                read(found)
            except DlcliError as error:
                output.print_warning(f"{error.message} {error.hint}", screen)
    screen.print(_files(found))
    # A training draws its plots before it is complete, and its report after that.
    if run_summary.state == "completed" and found.plots.exists() and not found.report.exists():
        output.print_warning(
            f"the training ended without its report. Write it: dlcli report {found.reference()}",
        )
    output.print_next(*_next_commands(run_summary, found.reference()))


@app.command(epilog=EXAMPLES_REMOVE)
def remove(
    runs: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN...",
            help="'latest', runs' names, or their paths.",
            autocompletion=complete.runs,
        ),
    ],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    runs_dir: options.RunsDir = None,
    json: options.Json = False,
) -> None:
    """Delete runs with all their files, after asking."""
    from dlcli import quantities
    from dlcli.runs import run_dir

    folder = run_dir.runs_folder(runs_dir)
    chosen = list(dict.fromkeys(run_dir.find(reference, folder) for reference in runs))
    for run in chosen:
        if holder := run.holder():
            raise RunBusyError(
                f"run {run.name} is being written by {holder}; nothing was removed.",
                "Wait for it to end, or stop it first.",
            )
    size = quantities.file_size(sum(run.size() for run in chosen))
    what = f"{len(chosen)} runs" if len(chosen) > 1 else f"run {chosen[0].name}"
    if not yes:
        _ask(f"Remove {what} ({size})?", chosen, json)
    for run in chosen:
        run_dir.remove(run)
    if json:
        output.print_json("runs-remove", {"removed": [str(run.path) for run in chosen]})
    else:
        output.print_line(output.console(), f"Removed {what}, {size}.")


def _as_json(summary: RunSummary) -> dict[str, Any]:
    return {
        "name": summary.name,
        "path": str(summary.path),
        "state": summary.state,
        "recipe": summary.recipe,
        "task": summary.task,
        "monitor": summary.monitor,
        "test": summary.test,
        "baseline": summary.baseline,
        "epochs": summary.epochs,
        "validation": list(summary.curve),
        "created": summary.created.isoformat(timespec="seconds"),
    }


def _worseness(summary: RunSummary) -> tuple[bool, str, float]:
    """Key that sorts the best first, one metric after the other, and runs without a result last."""
    if summary.test is None or summary.monitor is None:
        return True, "", 0.0
    sign = -1 if outputs.metric(summary.monitor).higher_is_better else 1
    return False, summary.monitor, sign * summary.test


def _list_table(summaries: list[RunSummary], width: int, with_curve: bool) -> RenderableType:
    from rich.text import Text

    from dlcli import quantities
    from dlcli.cli.screens import text_charts

    monitors = {summary.monitor for summary in summaries if summary.monitor}
    one_monitor = len(monitors) == 1
    # A run's own name mostly says its recipe; where it does not, a column does.
    with_recipe = any(not each.name.startswith(f"{each.recipe or ''}-") for each in summaries)
    # A name is there to be copied: where a line is short, it is other columns that go.
    is_wide = width >= _WIDE
    table = output.plain_table()
    table.add_column("Run", overflow="fold")
    table.add_column("State", no_wrap=True)
    with_recipe = with_recipe and is_wide
    if with_recipe:
        table.add_column("Recipe", overflow="fold")
    heading = title(monitors.pop()) if one_monitor else "Test result"
    table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("Baseline", justify="right", no_wrap=True)
    with_curve = with_curve and any(len(each.curve) > 1 for each in summaries)
    if with_curve:
        table.add_column("Validation", no_wrap=True)
    if is_wide:
        table.add_column("Epochs", justify="right", no_wrap=True)
    table.add_column("Created", no_wrap=True)
    now = datetime.now(UTC)
    for each in summaries:
        monitor, num_examples = each.monitor or "", each.num_test_examples
        result = format_metric(monitor, each.test, num_examples)
        table.add_row(
            Text(shown.name(each.name)),
            Text(each.state, style=_STATE_STYLES[each.state]),
            *([Text(shown.escaped(each.recipe or "-"))] if with_recipe else []),
            result if one_monitor or each.test is None else f"{title(monitor)} {result}",
            format_metric(monitor, each.baseline, num_examples),
            *([text_charts.sparkline(each.curve)] if with_curve else []),
            *(["-" if each.epochs is None else f"{each.epochs}"] if is_wide else []),
            quantities.age(each.created, now),
        )
    return table


def _facts(
    summary: RunSummary, environment: dict[str, Any], metrics: dict[str, Any]
) -> dict[str, str]:
    """What was trained on what, each fact under its name; what is not known is left out."""
    from dlcli import quantities
    from dlcli.runs import results

    data = environment.get("data", {})
    examples = data.get("examples", {})
    trained = f"{summary.epochs} epoch{'s' * (summary.epochs > 1)}" if summary.epochs else ""
    if "training_seconds" in metrics:
        trained += f" in {quantities.duration(metrics['training_seconds'])}"
    if trained and "device" in environment:
        trained += f" on {environment['device']}"
    if trained and (kept := results.kept(metrics)):
        trained += f"; {kept}"
    created = summary.created.astimezone(UTC)
    facts = {
        "Task": summary.task,
        "Recipe": summary.recipe,
        "Data": data.get("source"),
        "Examples": ", ".join(f"{count:,} {split}" for split, count in examples.items()),
        "Model": f"{environment['parameters']:,} weights" if "parameters" in environment else None,
        "Trained": trained,
        "Seed": environment.get("seed"),
        "Created": f"{created:%Y-%m-%d %H:%M} UTC, {quantities.age(created, datetime.now(UTC))}",
        "Versions": ", ".join(
            f"{name} {environment[name]}"
            for name in ("dlcli", "python", "tensorflow", "keras")
            if name in environment
        ),
        "Git commit": environment.get("git_commit"),
    }
    return {name: str(value) for name, value in facts.items() if value is not None and value != ""}


def _table_of(facts: dict[str, str]) -> RenderableType:
    """The facts, one a line."""
    from rich.text import Text

    table = output.plain_table(show_header=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in facts.items():
        table.add_row(name, Text(shown.escaped(value)))
    return table


def _files(run: RunDir) -> RenderableType:
    from rich.console import Group
    from rich.text import Text

    from dlcli import quantities

    table = output.plain_table(show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(style="dim", overflow="fold")
    for path, text in run.contents():
        table.add_row(f"  {path.name}{'/' if path.is_dir() else ''}", text)
    heading = Text(
        f"\nFiles in {shown.escaped(str(run.path))} ({quantities.file_size(run.size())})"
    )
    return Group(heading, table)


def _next_commands(summary: RunSummary, run: str) -> list[str]:
    if summary.state == "completed":
        return next_commands.of_completed(run, summary.task)
    if summary.state == "training":
        return [f"dlcli tensorboard {run}"]
    return [f"dlcli train --resume {run}", f"dlcli runs remove {run}"]


def _ask(question: str, runs: list[RunDir], json: bool) -> None:
    """Go on after a yes only."""
    if json or not sys.stdin.isatty():
        raise UsageError(
            "nothing was removed, as nobody can be asked here.",
            "Add --yes if the runs are to be deleted.",
        )
    if len(runs) > 1:
        for run in runs:
            output.print_line(output.error_console(), f"  {shown.name(run.name)}")
    if not typer.confirm(question, err=True):
        output.error_console().print("Nothing was removed.")
        raise typer.Exit(1)
