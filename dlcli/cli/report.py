"""dlcli report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from dlcli.cli import options
from dlcli.cli.screens import output
from dlcli.errors import DlcliError, UsageError

app = typer.Typer()

EXAMPLES = options.examples("""
dlcli report latest --open
dlcli report photos --output photos.html
dlcli report photos --format markdown --output MODEL_CARD.md
dlcli report photos --json
""")


@app.command(epilog=EXAMPLES)
def report(
    run: options.Run,
    format: Annotated[
        Literal["html", "markdown"],
        typer.Option(help="A page to look at, or a model card as text."),
    ] = "html",
    file: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Where to write it. Default: report.html or model_card.md in the run.",
        ),
    ] = None,
    opened: Annotated[
        bool, typer.Option("--open", help="Show it in a browser, where there is one.")
    ] = False,
    runs_dir: options.RunsDir = None,
    json: options.Json = False,
) -> None:
    """Write a run's report anew: one page, or a model card.

    A training writes both into its run. Neither the data nor TensorFlow is needed.
    """
    from dlcli import files
    from dlcli.runs import run_dir

    found = run_dir.find(run, run_dir.runs_folder(runs_dir))
    is_page = format == "html"
    path = file or (found.report if is_page else found.model_card)
    if path.is_dir():
        raise UsageError(
            f"--output names a folder: {path}.", f"Name a file in it: {path / found.report.name}"
        )
    output.check_folder_of(path)

    from dlcli.reporting import card, facts, page

    gathered = facts.gather(found)
    text = page.render(found, gathered) if is_page else card.render(gathered)
    try:
        files.write_text(path, text)
    except OSError as error:
        raise DlcliError(
            f"{path} cannot be written: {error.strerror}.",
            f"Name another place: dlcli report {found.reference()} --output {path.name}",
        ) from None
    if opened:
        import webbrowser

        if not webbrowser.open(path.resolve().as_uri()):
            output.print_warning(f"no browser could be opened for {path}.")
    if json:
        left_out = ("recipe", "worst")  # which are the recipe and, with their pictures, large
        document = {name: value for name, value in gathered.items() if name not in left_out}
        output.print_json("report", {"output": str(path), **document})
        return
    output.console().print(str(path), soft_wrap=True, markup=False)
