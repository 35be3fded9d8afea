"""dlcli benchmark."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dlcli.cli import complete, options
from dlcli.cli.screens import output
from dlcli.errors import ArtifactError

if TYPE_CHECKING:
    from dlcli.benchmark.run import Row

app = typer.Typer()

EXAMPLES = options.examples("""
dlcli benchmark latest
dlcli benchmark model.tflite model.int8.tflite --data photos/
dlcli benchmark latest --limit 500 --batch-size 64 --threads 1 --json
dlcli benchmark latest --min-metric 0.97 --max-ms 5   # a gate: exit code 4
""")


_gate = functools.partial(typer.Option, rich_help_panel="Gate")


@app.command(epilog=EXAMPLES)
def benchmark(
    runs_or_artifacts: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN_OR_ARTIFACT...",
            help="'latest', a run's name or its path, for its model and all its exports; or "
            "exported files.",
            autocompletion=complete.runs,
        ),
    ],
    data: options.Data = None,
    limit: Annotated[
        int | None,
        typer.Option(
            min=1, help="Measure the metric on at most this many examples, spread over the split."
        ),
    ] = None,
    batch_size: Annotated[
        int, typer.Option(min=1, help="Examples a batch, for the throughput.")
    ] = 32,
    threads: Annotated[
        int | None, typer.Option(min=1, help="Threads that compute. Default: one a processor.")
    ] = None,
    min_metric: Annotated[
        float | None,
        _gate(
            help="Fail unless each metric is at least this good: accuracy, from 0 to 1, not "
            "lower; an error such as rmse not higher."
        ),
    ] = None,
    max_ms: Annotated[
        float | None,
        _gate(
            min=0, help="Fail unless each median for one example is at most this many milliseconds."
        ),
    ] = None,
    trust: options.Trust = False,
    runs_dir: options.RunsDir = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Compare artifacts: size, metric, milliseconds, throughput and memory of each.

    Each is measured in a fresh process of its own, on its run's test split or on --data; times
    are from the raw example to the answer. With --min-metric or --max-ms the exit code is 4
    where one does not meet it.
    """
    from dlcli.benchmark import candidates, run
    from dlcli.devices import local
    from dlcli.runs import run_dir

    folder = run_dir.runs_folder(runs_dir)
    found = [run_dir.find_run_or_artifact(each, folder) for each in runs_or_artifacts]
    paths = list(dict.fromkeys(path for each in found for path in candidates.of(each)))
    threads = threads or local.num_processors()
    run.check_bound(paths, min_metric)
    notes = output.Notes()
    with output.status(quiet or json, notes) as show:
        rows = [
            run.judged(row, min_metric=min_metric, max_ms=max_ms)
            for row in run.benchmark(
                paths,
                own=data,
                limit=limit,
                batch_size=batch_size,
                threads=threads,
                trust=trust,
                events=show,
            )
        ]
    if json:
        document = {
            "batch_size": batch_size,
            "threads": threads,
            "min_metric": min_metric,
            "max_ms": max_ms,
            "passed": not any(row.error or row.failures for row in rows),
            "rows": [_document(row) for row in rows],
            **notes.document(),
        }
        output.print_json("benchmark", document)
    else:
        from dlcli.cli.screens import benchmark_table

        screen = output.console()
        screen.print(benchmark_table.table(rows, batch_size, threads, screen.width))
        if len(paths) == 1 and found[0] != paths[0] and not quiet:
            output.print_next(
                f"dlcli export {run_dir.RunDir(found[0]).reference()} --format tflite,onnx"
            )
    error = _verdict(rows)
    if error and json:  # the one document is printed, and its rows say it
        raise typer.Exit(error.exit_code)
    if error:
        raise error


def _document(row: Row) -> dict[str, Any]:
    from dataclasses import asdict

    document = asdict(row)
    return {
        "artifact": str(document.pop("path")),
        "status": "failed" if row.error else "measured",
        **document,
    }


def _verdict(rows: list[Row]) -> ArtifactError | None:
    """The error that ends the command, or None where every artifact was measured and passes."""
    failed = [row for row in rows if row.error or row.failures]
    if not failed:
        return None
    if any(row.failures for row in failed):
        which = "; ".join(
            f"{_short(row.path)}: {', '.join(row.failures or ('could not be measured',))}"
            for row in failed
        )
        return ArtifactError(f"{len(failed)} of {len(rows)} do not meet the gate: {which}.")
    return ArtifactError(f"{len(failed)} of {len(rows)} could not be measured; the table says why.")


def _short(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"
