"""dlcli export."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dlcli.cli import options
from dlcli.cli.screens import output
from dlcli.errors import ArtifactError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from rich.text import Text

    from dlcli.export.export import Exported
    from dlcli.export.target import Target

app = typer.Typer()

FORMATS = ("keras", "saved-model", "tflite", "onnx")
DEFAULT_FORMATS = "keras,saved-model,tflite"
QUANTIZATIONS = ("none", "float16", "dynamic", "int8")

EXAMPLES = options.examples("""
dlcli export latest
dlcli export photos --format tflite --quantize int8
dlcli export photos --format keras,saved-model,tflite,onnx --json
""")


@app.command(epilog=EXAMPLES)
def export(
    run: options.Run,
    format: Annotated[
        str, typer.Option(help=f"Formats, separated by commas: {', '.join(FORMATS)}.")
    ] = DEFAULT_FORMATS,
    quantize: Annotated[
        str,
        typer.Option(
            help="Of TFLite files, one or several: none, float16 (half the size), dynamic (a "
            "quarter: int8 weights), int8 (whole numbers from the first to the last layer with "
            "weights, with scales learned from the train split)."
        ),
    ] = "none",
    batch: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Fix the batch size of TFLite and ONNX files; with it an LSTM is one fused "
            "operator of TFLite. Default: any size.",
        ),
    ] = None,
    tolerance: Annotated[
        float | None,
        typer.Option(
            min=0,
            help="Largest difference from the model, times the larger of 1 and the largest "
            "output; default 1e-5. With --quantize: how much worse the metric of quantized files "
            "may be, in points of a share or per cent of an error; default 0.5.",
        ),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(
            help="Compare on these examples, and calibrate int8 with them, in place of the run's "
            "own data."
        ),
    ] = None,
    runs_dir: options.RunsDir = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> int:
    """Write a run as files that other programs load, each compared with the model.

    An artifact that gives other answers than the model is rejected, the others are written all
    the same, and the exit code is 4.
    """
    from dlcli.artifacts import metadata as artifact_metadata
    from dlcli.cli.screens import next_commands
    from dlcli.runs import documents, run_dir

    formats = _chosen(format, FORMATS, "format")
    quantizations = _chosen(quantize, QUANTIZATIONS, "quantization")
    quantized = quantizations != ["none"]
    if quantized and "tflite" not in formats:
        raise UsageError(
            f"--quantize is for TFLite files; --format asks for {', '.join(formats)}.",
            "Add tflite to --format, or leave out --quantize.",
        )
    if batch and not {"tflite", "onnx"} & set(formats):
        raise UsageError(
            f"--batch is for TFLite and ONNX files; --format asks for {', '.join(formats)}.",
            "Leave out --batch: these formats take any batch size.",
        )
    found = run_dir.find(run, run_dir.runs_folder(runs_dir))
    screen = output.error_console()
    results: list[Exported] = []
    rejected: list[tuple[Target, ArtifactError]] = []

    def reject(target: Target, error: ArtifactError) -> None:
        rejected.append((target, error))
        if not json:
            output.print_line(screen, f"✗ {target.title}: {error.message}", "red")

    notes = output.Notes()
    with output.status(quiet or json, notes) as show:
        from dlcli.export import export as exporting
        from dlcli.export import target

        # Of a tolerance that is meant for quantized files the others know nothing.
        limits: dict[str, Any] = {}
        if tolerance is not None:
            limits["largest_drop" if quantized else "tolerance"] = tolerance
        targets = target.targets(formats, quantizations, batch)
        for exported in exporting.export(
            found, targets, show, own_data=data, rejected=reject, **limits
        ):
            results.append(exported)
            if not (quiet or json):
                output.print_line(screen, _line(exported))
    if rejected and not results:  # the message is the whole result
        raise rejected[0][1]
    if json:
        output.print_json(
            "export", {**_document(found.path, results, rejected), **notes.document()}
        )
    else:
        for item in results:
            print(item.path)
        for hint in dict.fromkeys(error.hint for _, error in rejected if error.hint):
            output.print_line(screen, hint)
        if not rejected:
            task = documents.or_empty(artifact_metadata.of_run, found).get("task")
            output.print_next(*next_commands.of_exported(shlex.quote(str(results[-1].path)), task))
    return ArtifactError.exit_code if rejected else 0


def _document(
    run: Path, results: list[Exported], rejected: list[tuple[Target, ArtifactError]]
) -> dict[str, Any]:
    """The document of --json: the artifacts, and the rejected targets with the reason."""
    from dataclasses import asdict

    artifacts = [
        {**asdict(item.target), **asdict(item), "path": str(item.path)} for item in results
    ]
    for document in artifacts:
        del document["target"]
    return {
        "run": str(run),
        "artifacts": artifacts,
        "rejected": [
            {**asdict(target), "message": error.message, "hint": error.hint}
            for target, error in rejected
        ],
    }


def _chosen(given: str, known: tuple[str, ...], what: str) -> list[str]:
    """The names in a list that is separated by commas, each once."""
    from dlcli import catalog

    names = list(dict.fromkeys(name.strip() for name in given.split(",") if name.strip()))
    for name in names or [""]:
        if name not in known:
            raise UsageError(
                f"unknown {what} '{name}'. Expected some of: {', '.join(known)}."
                f"{catalog.did_you_mean(name, list(known))}"
            )
    return names


def _line(exported: Exported) -> Text:
    """What was written, how it compares with the model, and how fast it answers."""
    from rich.text import Text

    parity, latency = exported.parity, exported.latency
    change = parity.metrics
    if parity.largest_drop is not None:
        change += (
            f" ({0 - parity.drop:+.2f} {parity.unit}; at most {parity.largest_drop:g} worse), "
            f"{parity.changed:.1f} % of the predictions changed"
        )
    return Text.assemble(
        ("✓ ", "green"),
        f"{exported.target.title:<14} {exported.size / 1e6:,.2f} MB  {exported.path}\n",
        (
            f"  {change}, max difference {parity.max_difference:.1e} over {parity.examples} "
            f"examples; {latency['single_ms']:.3g} ms for one, {latency['batch_ms']:.3g} ms for "
            f"{latency['batch']}",
            "dim",
        ),
    )
