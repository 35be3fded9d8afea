"""dlcli explain."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dlcli.cli import options
from dlcli.cli.screens import output

if TYPE_CHECKING:
    from dlcli.explanation.flow import Answer

app = typer.Typer()

EXAMPLES = options.examples("""
dlcli explain latest photo.jpg
dlcli explain latest --mistakes --limit 12
dlcli explain latest --text "It never gets dull." --class negative
dlcli explain latest history.csv --output why/
dlcli explain churn
dlcli explain churn customers.csv --limit 3
dlcli explain exports/model.tflite photo.jpg --json
""")


class MethodName(StrEnum):
    """A method of `dlcli.explanation`."""

    auto = "auto"
    grad_cam = "grad-cam"
    integrated_gradients = "integrated-gradients"
    attention = "attention"
    occlusion = "occlusion"
    permutation = "permutation"


@app.command(epilog=EXAMPLES)
def explain(
    run_or_artifact: options.RunOrArtifact,
    inputs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[INPUT]...",
            help="What to explain, the same as for predict. A table's model without any: how much "
            "each column matters over the test split.",
        ),
    ] = None,
    text: options.Texts = None,
    split: Annotated[
        options.SplitName | None, typer.Option(help="Explain the run's own examples.")
    ] = None,
    mistakes: Annotated[
        bool,
        typer.Option(
            "--mistakes",
            help="Only what is answered wrong, the surest first; of numbers the largest errors.",
        ),
    ] = False,
    data: Annotated[
        str | None,
        typer.Option(help="Your own data with its truth, in place of the run's test split."),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(
            min=1, help="At most this many inputs (default: 8), or rows of a permutation (10,000)."
        ),
    ] = None,
    method: Annotated[
        MethodName, typer.Option(help="auto: what suits the kind of data and the network.")
    ] = MethodName.auto,
    class_name: Annotated[
        str | None,
        typer.Option(
            "--class",
            metavar="NAME",
            help="The class, or target of a forecast, to explain. Default: the likeliest, the "
            "first.",
        ),
    ] = None,
    output_folder: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FOLDER",
            help="A new or empty folder for pictures and numbers. Default: a new one in the "
            "run's explanations/, or in explanations/ beside the file.",
        ),
    ] = None,
    settings: options.Set = None,
    runs_dir: options.RunsDir = None,
    trust: options.Trust = False,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Show what an answer depended on: places, words, steps, columns.

    Images: Grad-CAM and integrated gradients. Texts: integrated gradients of the words, and
    attention. Series: the same of steps and channels. Tables: permutation importance, and of a
    row what changes when a column holds what it usually does. Every method is checked on a
    network with shuffled weights: what it shows must change.
    """
    from dlcli import files

    path, predictor = options.load(run_or_artifact, runs_dir, trust, settings)
    notes = output.Notes()

    from dlcli.explanation import document, flow, folder

    target = output_folder or folder.default(path)
    folder.check(target)
    request = flow.Request(
        inputs=inputs or [],
        texts=text or [],
        split=split.value if split else None,
        mistakes=mistakes,
        data=data,
        method=method.value,
        name=class_name,
        limit=limit,
    )
    with output.progress(quiet or json, notes) as show:
        answer = flow.carry_out(predictor, path, request, target, show)
    described = {"artifact": str(path), **document.of(answer), **notes.document()}
    if answer.folder:
        files.write_json(answer.folder / folder.DOCUMENT, described)
    if json:
        output.print_json("explain", described)
    else:
        from dlcli.cli.screens import explain

        explain.show(answer, output.console())
    _warn(answer, quiet)
    num_errors = sum(bool(each.prediction.error) for each in answer.result.explanations)
    output.refuse_unread(num_errors, len(answer.pictures), as_json=json)


def _warn(answer: Answer, quiet: bool) -> None:
    """What a user should not overlook, on stderr."""
    screen = output.error_console()
    for note in answer.notes:
        if not quiet:
            output.print_line(screen, f"Note: {note}")
    for check in answer.result.checks:
        if check.verdict == "does not depend on the weights":
            output.print_warning(
                f"{check.method} shows much the same with shuffled weights (rank correlation "
                f"{check.rank_correlation:.2f}): it tells of the input more than of what was "
                "learned.",
            )
    for explanation in answer.result.explanations:
        for each in explanation.attributions:
            gap = each.relative_gap
            if gap is not None and gap > 0.05:
                output.print_warning(
                    f"the values of {each.method} for {explanation.prediction.input} miss "
                    f"{gap:.0%} of what they should add up to: read them with care.",
                )
    importances = answer.importances
    if importances and importances.columns[0].mean <= importances.bound:
        output.print_warning(
            "no column matters more than chance: the model does not use this table."
        )
