"""dlcli merge."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dlcli.cli import options
from dlcli.cli.screens import output
from dlcli.errors import UsageError

app = typer.Typer()

EXAMPLES = options.examples("""
dlcli merge answers.csv answers-1.csv answers-2.csv answers-3.csv answers-4.csv
dlcli merge answers.parquet shards/*.parquet
dlcli merge metrics.json part-*.npz
""")


@app.command(epilog=EXAMPLES)
def merge(
    target: Annotated[Path, typer.Argument(metavar="OUTPUT", help="What to write.")],
    shards: Annotated[
        list[Path],
        typer.Argument(metavar="SHARD...", help="The outputs of all shards, in any order."),
    ],
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Put together what predict or evaluate wrote with --shard.

    Predictions become the output that one machine would have written, byte by byte; each file
    needs its .journal beside it. Of evaluations all answers are measured together, and OUTPUT is
    the JSON document of their metrics. A shard that is missing or there twice is named.
    """
    from dlcli import files
    from dlcli.evaluation import shards as evaluation
    from dlcli.prediction import merge as prediction

    if target.resolve() in [shard.resolve() for shard in shards]:
        raise UsageError(f"{target} is to be written, and is given as a shard too.")
    if not target.resolve().parent.is_dir():
        raise UsageError(f"{target} cannot be written: there is no such folder.")
    kinds = {evaluation.is_shard(shard) for shard in shards}
    if kinds == {True, False}:
        raise UsageError(
            "shards of predictions and of an evaluation are given.", "Merge them one by one."
        )
    if kinds == {True}:
        if target.suffix.lower() != ".json":
            raise UsageError(
                f"metrics are written as JSON, and {target} is not named so.",
                "Such as: dlcli merge metrics.json part-*.npz",
            )
        document = evaluation.merge(shards)
        files.write_json(target, {"schema": "dlcli.evaluate/1", **document})
        if json:
            output.print_json("evaluate", document)
            return
        from dlcli.cli.screens import metrics_table

        screen = output.console()
        screen.print(metrics_table.result_table(document))
        screen.print(metrics_table.per_class_table(document))
        return
    written = prediction.merge(target, shards)
    if json:
        counts = {"inputs": written.num_rows, "errors": written.num_errors}
        output.print_json("merge", {"output": str(target), "shards": len(shards), **counts})
    elif not quiet:
        output.print_line(
            output.error_console(),
            f"{written.num_rows:,} rows of {len(shards)} shards in {target}",
        )
    output.refuse_unread(written.num_errors, written.num_rows, as_json=json)
