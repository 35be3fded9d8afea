"""dlcli generate."""

from __future__ import annotations

import functools
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from dlcli.cli import options
from dlcli.cli.screens import output
from dlcli.errors import UsageError

app = typer.Typer()

EXAMPLES = options.examples("""
dlcli generate latest --prompt "First Citizen:"
dlcli generate latest --length 2000 --temperature 0.5 --seed 7 > story.txt
dlcli generate exports/model.tflite --prompt "def " --top-k 10
dlcli generate latest --count 100 --output digits.png
dlcli generate latest --count 1000 --seed 7 --output digits/
""")

_LENGTH, _TEMPERATURE = 500, 0.8
_COUNT, _OUTPUT = 64, Path("pictures.png")
_UNKNOWN_SHOWN = 20
_text_option = functools.partial(typer.Option, rich_help_panel="Text")
_pictures_option = functools.partial(typer.Option, rich_help_panel="Pictures")


@app.command(epilog=EXAMPLES)
def generate(
    run_or_artifact: options.RunOrArtifact,
    prompt: Annotated[
        str | None, _text_option(help="What the text begins with. Default: the start of a line.")
    ] = None,
    length: Annotated[
        int | None, _text_option(min=1, help=f"Characters to write. Default: {_LENGTH}.")
    ] = None,
    temperature: Annotated[
        float | None,
        _text_option(
            min=0,
            help="Below 1 the text keeps to what is likely, above it strays; 0 takes the "
            f"likeliest character always. Default: {_TEMPERATURE}.",
        ),
    ] = None,
    top_k: Annotated[
        int | None,
        _text_option(
            min=1,
            help="Draw from this many of the likeliest characters. Default: from all.",
        ),
    ] = None,
    count: Annotated[
        int | None, _pictures_option(min=1, help=f"Pictures to make. Default: {_COUNT}.")
    ] = None,
    output_path: Annotated[
        Path | None,
        _pictures_option(
            "--output",
            "-o",
            help="One sheet where it ends like an image file; else a folder, one file a picture. "
            f"Default: {_OUTPUT}.",
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=2**31 - 1,
            help="The same seed makes the same. Default: another one each time.",
        ),
    ] = None,
    trust: options.Trust = False,
    runs_dir: options.RunsDir = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Write text or make pictures with a run or an exported file that was trained to.

    A text goes to standard output as it is written, its prompt first.
    """
    import math
    import secrets

    from dlcli import artifacts, kinds
    from dlcli.runs import run_dir

    if temperature is not None and not math.isfinite(temperature):
        raise UsageError(
            f"--temperature is {temperature}. Expected a number of 0 or more, such as 0.8.",
        )

    path = run_dir.find_run_or_artifact(run_or_artifact, run_dir.runs_folder(runs_dir))
    task = artifacts.metadata_of(path)["task"]
    of_text = {
        "--prompt": prompt, "--length": length, "--temperature": temperature, "--top-k": top_k
    }  # fmt: skip
    of_pictures = {"--count": count, "--output": output_path}
    seed = secrets.randbelow(10**6) if seed is None else seed
    made = kinds.output_of(task)
    if made.continues_text:
        _refuse(of_pictures, path, "text")
        _text(
            path,
            prompt or "",
            length or _LENGTH,
            _TEMPERATURE if temperature is None else temperature,
            top_k,
            seed,
            trust,
            json,
            quiet,
        )
    elif made.makes_images:
        _refuse(of_text, path, "pictures")
        _pictures(path, count or _COUNT, output_path or _OUTPUT, seed, trust, json, quiet)
    else:
        raise UsageError(
            f"{path} was trained for {task}. Expected a model of text-generation or "
            "image-generation.",
            "Train one: dlcli train python-lstm, or: dlcli train digits-gan",
        )


def _refuse(others: Mapping[str, object], path: Path, what: str) -> None:
    given = [name for name, value in others.items() if value is not None]
    if given:
        raise UsageError(f"{path} makes {what}; {' and '.join(given)} cannot be used with it.")


def _text(
    path: Path,
    prompt: str,
    length: int,
    temperature: float,
    top_k: int | None,
    seed: int,
    trust: bool,
    json: bool,
    quiet: bool,
) -> None:
    from dlcli.events import Stage
    from dlcli.generation import text, whole_texts

    # A byte of the command line that is no UTF-8 is a character that no model knows.
    prompt = prompt.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    with output.status(quiet or json) as show:
        show(Stage("loading the model"))
        stepper = text.load(path, trust=trust)
    generator = text.Generator(stepper, temperature=temperature, top_k=top_k, seed=seed)
    unknown = generator.unknown(prompt)
    screen = output.error_console()
    if unknown:
        more = "..." if len(unknown) > _UNKNOWN_SHOWN else ""
        output.print_warning(
            f"the model was not trained on {unknown[:_UNKNOWN_SHOWN]!r}{more}; it reads each of "
            "these characters as one that it does not know.",
        )
    if isinstance(stepper, whole_texts.WholeTexts) and not (quiet or json):
        output.print_line(
            screen,
            f"{path.name} reads all of the text again for each character; a .keras or a .tflite "
            "file goes on from where it is.",
            "dim",
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
        said = f"{length:,} characters, {speed:,.0f} a second, seed {seed}"
        output.print_line(screen, said, "dim")


def _stream(text: str) -> None:
    """Show a piece of the text now; a terminal is given nothing that would move its cursor."""
    if sys.stdout.isatty():
        text = "".join(
            character
            if character.isprintable() or character in "\n\t"
            else "\N{REPLACEMENT CHARACTER}"
            for character in text
        )
    sys.stdout.write(text)
    sys.stdout.flush()


def _pictures(
    path: Path, count: int, output_path: Path, seed: int, trust: bool, json: bool, quiet: bool
) -> None:
    from dlcli import artifacts
    from dlcli.events import Stage
    from dlcli.generation import image

    with output.status(quiet or json) as show:
        show(Stage("loading the model"))
        predictor = artifacts.load(path, trust=trust)
    pictures = image.make(predictor, count, seed)
    image.write(pictures, output_path)
    if json:
        height, width, channels = pictures.shape[1:]
        document = {
            "artifact": str(path),
            "output": str(output_path),
            "count": count,
            "shape": [height, width, channels],
            "seed": seed,
        }
        output.print_json("generate", document)
        return
    output.print_line(output.console(), f"{count:,} pictures, seed {seed}: {output_path}")
