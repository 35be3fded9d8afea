"""dlcli generate."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from dlcli.cli import options, output

app = typer.Typer()

EXAMPLES = """[bold]Examples[/bold]

dlcli generate latest --prompt "First Citizen:"

dlcli generate latest --prompt "def " --length 2000 --temperature 0.5 --seed 7

dlcli generate exports/model.tflite --prompt "Once " --top-k 10 > story.txt
"""

_UNKNOWN_SHOWN = 20


@app.command(epilog=EXAMPLES)
def generate(
    run_or_artifact: options.RunOrArtifact,
    prompt: Annotated[
        str,
        typer.Option("--prompt", help="What the text begins with. Default: the start of a line."),
    ] = "",
    length: Annotated[int, typer.Option("--length", min=1, help="Characters to write.")] = 500,
    temperature: Annotated[
        float,
        typer.Option(
            "--temperature",
            min=0,
            help="Below 1 the text keeps to what is likely, above it strays; 0 takes the "
            "likeliest character always.",
        ),
    ] = 0.8,
    top_k: Annotated[
        int | None,
        typer.Option(
            "--top-k",
            min=1,
            help="Draw from this many of the likeliest characters. Default: from all.",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            "--seed",
            min=0,
            max=2**31 - 1,
            help="The same seed writes the same text. Default: another one each time.",
            show_default=False,
        ),
    ] = None,
    runs_dir: options.RunsDir = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Write text with a run or an exported file that was trained on text.

    The prompt and what follows it go to standard output as they are written.
    """
    from dlcli import run_dir

    path = run_dir.find_run_or_artifact(run_or_artifact, run_dir.runs_folder(runs_dir))
    _text(path, prompt, length, temperature, top_k, seed, json, quiet)


def _text(
    path: Path,
    prompt: str,
    length: int,
    temperature: float,
    top_k: int | None,
    seed: int | None,
    json: bool,
    quiet: bool,
) -> None:
    import secrets

    from dlcli.generation import text

    # A byte of the command line that is no UTF-8 is a character that no model knows.
    prompt = prompt.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    seed = secrets.randbelow(10**6) if seed is None else seed
    with output.status(quiet or json) as stage:
        stage("loading the model")
        stepper = text.load(path)
    generator = text.Generator(stepper, temperature=temperature, top_k=top_k, seed=seed)
    unknown = generator.unknown(prompt)
    screen = output.error_console()
    if unknown:
        more = "..." if len(unknown) > _UNKNOWN_SHOWN else ""
        output.print_warning(
            screen,
            f"the model was not trained on {unknown[:_UNKNOWN_SHOWN]!r}{more}; it reads each of "
            "these characters as one that it does not know.",
        )
    characters = generator.generate(prompt, length)
    started = time.monotonic()
    if json:
        made = "".join(characters)
        document = {
            "artifact": str(path),
            "prompt": prompt,
            "text": made,
            "temperature": temperature,
            "top_k": top_k,
            "seed": seed,
            "unknown_in_prompt": list(unknown),
            "characters_per_second": round(length / (time.monotonic() - started), 1),
        }
        output.print_json("generate", document)
        return
    _stream(prompt)
    try:
        for character in characters:
            _stream(character)
    finally:
        _stream("\n")
    if not quiet:
        speed = length / (time.monotonic() - started)
        screen.print(f"[dim]{length:,} characters, {speed:,.0f} a second, seed {seed}[/dim]")


def _stream(text: str) -> None:
    """Show a piece of the text now; a terminal is given nothing that would move its cursor."""
    if sys.stdout.isatty():
        text = "".join(
            c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in text
        )
    sys.stdout.write(text)
    sys.stdout.flush()
