"""dlcli verify-resume."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dlcli.cli import options, recipe_arguments
from dlcli.cli.screens import output
from dlcli.errors import Interrupted, UsageError

if TYPE_CHECKING:
    from dlcli.events import Event
    from dlcli.proof.verify_resume import Kill, Verdict

app = typer.Typer()

EXAMPLES = options.examples("""
dlcli verify-resume digits-cnn
dlcli verify-resume image-cnn training.epochs=3 --data photos/ --kills 20
dlcli verify-resume mine.yaml --keep proof/ --json
""")


@app.command("verify-resume", epilog=EXAMPLES)
def verify_resume(
    recipe_and_overrides: options.RecipeAndOverrides,
    data: options.Data = None,
    kills: Annotated[int, typer.Option(min=1, help="How often it is killed.")] = 5,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the random moments.")] = 0,
    keep: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Keep the trainings in this folder, which is made. Default: they are removed.",
        ),
    ] = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> int:
    """Prove that a training which is killed and gone on with ends as an undisturbed one.

    Trains the recipe twice on this machine, once left alone and once killed at random
    moments, and compares all that is left byte by byte. Takes about twice as long as the
    training, and the time of one start for each kill. Exit code 0: equal to the bit; 1: not.
    """
    from dlcli.cli.interrupts import Interrupts
    from dlcli.proof import verify_resume as verification
    from dlcli.recipe import schema

    name, overrides = recipe_arguments.one_recipe(recipe_and_overrides, data)
    loaded = schema.load(name, [verification.OVERRIDE, *overrides])
    screen = _Screen(kills, quiet or json)
    with _folder(keep) as folder, screen, Interrupts() as interrupts:
        verdict = verification.verify(
            loaded,
            schema.find(name).stem,
            folder,
            num_kills=kills,
            seed=seed,
            events=screen.show,
            stop=interrupts.came,
        )
    if verdict is None:
        raise Interrupted(
            "verify-resume was stopped; nothing of it is running any more.",
            "Start it again when there is time for it.",
            interrupts.signal_number,
        )
    if json:
        output.print_json("verify-resume", _as_json(verdict))
    else:
        _render(verdict, keep)
    return 0 if verdict.equal else 1


class _Screen:
    """Shows on stderr how far the trainings are: a bar on a terminal, a line for what is done."""

    def __init__(self, num_kills: int, quiet: bool) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        self._num_kills = num_kills
        self._quiet = quiet
        self._screen = output.error_console()
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        hidden = quiet or not output.is_animated()
        self._bars = Progress(*columns, console=self._screen, transient=True, disable=hidden)
        self._bar = self._bars.add_task("", total=None, visible=False)
        self._killed = 0

    def __enter__(self) -> _Screen:
        self._bars.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._bars.stop()

    def show(self, event: Event) -> None:
        """Show one event."""
        from dlcli import quantities
        from dlcli.events import Stage
        from dlcli.proof.verify_resume import Course, Kill

        if isinstance(event, Stage):
            self._bars.update(
                self._bar,
                description=event.text,
                completed=event.done,
                total=event.total or None,
                visible=True,
            )
        elif isinstance(event, Course):
            self._say(
                f"trained once, left alone: {event.steps:,} steps "
                f"in {quantities.duration(event.seconds)}"
            )
        elif isinstance(event, Kill):
            self._killed += 1
            self._say(f"kill {self._killed} of {self._num_kills}: {_described(event)}")

    def _say(self, text: str) -> None:
        if not self._quiet:
            output.print_line(self._screen, text)


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    """The folder of the trainings: a new one that stays, or one that goes."""
    if keep is None:
        import tempfile

        with tempfile.TemporaryDirectory(prefix="dlcli-verify-resume-") as name:
            yield Path(name)
        return
    try:
        keep.mkdir(parents=True)
    except OSError as error:
        raise UsageError(
            f"the folder {keep} for --keep cannot be made: {error.strerror}.",
            "Give the path of a folder that does not exist yet.",
        ) from None
    yield keep.resolve()


def _described(kill: Kill) -> str:
    saved = f"saved was step {kill.step:,}" if kill.step else "nothing was saved yet"
    return f"while {kill.moment}; {saved}"


def _render(verdict: Verdict, keep: Path | None) -> None:
    from collections import Counter

    from dlcli.cli.screens import comparison_table

    screen = output.console()
    moments = Counter(kill.moment for kill in verdict.kills)
    listed = ", ".join(f"{count} while {moment}" for moment, count in moments.items())
    steps = ", ".join(f"{kill.step:,}" for kill in verdict.kills)
    output.print_line(screen, f"\nKilled {len(verdict.kills)} times: {listed}.")
    gone_on = f"Gone on from the checkpoints of steps {steps} (of {verdict.course.steps:,}).\n"
    output.print_line(screen, gone_on)
    screen.print(comparison_table.table(verdict.compared))
    if verdict.equal:
        screen.print(
            "\n[green]Equal to the bit:[/green] the training that was killed ended as the one "
            "that was left alone."
        )
    else:
        screen.print(
            "\n[red]Not equal:[/red] the training that was killed ended otherwise than the one "
            "that was left alone."
        )
    if keep:
        output.print_line(screen, f"Both are kept in {keep}")


def _as_json(verdict: Verdict) -> dict[str, Any]:
    from dataclasses import asdict

    from dlcli.cli.screens import comparison_table

    return {
        "equal": verdict.equal,
        "steps": verdict.course.steps,
        "seconds": round(verdict.course.seconds, 3),
        "kills": [asdict(kill) for kill in verdict.kills],
        "compared": comparison_table.as_json(verdict.compared),
    }
