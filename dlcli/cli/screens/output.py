"""What the terminal shows: results on stdout, all else on stderr."""

from __future__ import annotations

import functools
import itertools
import json
import os
import re
import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import typer

from dlcli import shown
from dlcli.errors import DataError, DlcliError, Interrupted, UsageError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import TaskID
    from rich.table import Table
    from rich.text import Text

    from dlcli.events import Event, Events

_BAD_FILES_SHOWN = 5
# An override that is quoted for the shell may hold blanks, and is one word.
_WORD = re.compile(r"""(?:'[\w.]+=[^']*(?:'"'"'[^']*)*'|\S+)\s*""")


def console(file: TextIO | None = None) -> Console:
    """The console of results: stdout, or a file."""
    return _console(file=file)


def _console(**options: Any) -> Console:
    """A console that shows the codes of a terminal escaped, wherever they come from."""
    from rich.console import Console
    from rich.segment import Segment

    class SafeConsole(Console):
        def render(self, *arguments: Any, **named: Any) -> Iterator[Segment]:
            for part in super().render(*arguments, **named):
                safe = part.text if part.control else shown.escaped(part.text, keep="\n\t")
                yield part if safe is part.text else Segment(safe, part.style)

    return SafeConsole(highlight=False, emoji=False, **options)


@functools.cache
def error_console() -> Console:
    """The console of progress, warnings and errors: stderr.

    There is one, as a bar or a spinner makes room only for lines of its own console.
    """
    return _console(stderr=True)


def ruled_table(**options: Any) -> Table:
    """A table with a line below its headings."""
    from rich import box
    from rich.table import Table

    return Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, **options)


def plain_table(**options: Any) -> Table:
    """A table without lines."""
    from rich.table import Table

    return Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), **options)


def is_animated() -> bool:
    """Tell whether stderr is a terminal that can move its cursor, as bars and spinners do."""
    return sys.stderr.isatty() and os.environ.get("TERM", "").lower() not in {"dumb", "unknown"}


def print_json(command: str, document: dict[str, Any]) -> None:
    """Print the one JSON document of a command.

    Args:
        command: names the schema, `dlcli.<command>/1`.
        document: the result.
    """
    print(json.dumps({"schema": f"dlcli.{command}/1", **document}, ensure_ascii=False, indent=2))


def print_line(screen: Console, line: str | Text, style: str = "") -> None:
    """Print a line, without reading markup in a string.

    A terminal would cut it in mid-word: there it is broken between words, goes on under its own
    indentation, and a word that is longer than the terminal is wide, such as a path, stays whole.
    So does a command at its end, on a line of its own, to be pasted. Elsewhere nothing is broken,
    for programs that read lines.

    Args:
        line: one line, or several with line ends between them; names in it are escaped where
            they may hold some (`dlcli.shown`).
        style: a style of Rich, under those that the line has.
    """
    from rich.text import Text

    text = Text(line) if isinstance(line, str) else line
    if screen.file.isatty():
        text = Text("\n").join(
            each for part in text.split("\n", allow_blank=True) for each in _at_words(screen, part)
        )
    screen.print(text, style=style, soft_wrap=True)


def _at_words(screen: Console, line: Text) -> list[Text]:
    """Break a line to the width of a terminal."""
    from rich.cells import cell_len
    from rich.text import Text

    what, found, _ = line.plain.rpartition(": dlcli ")
    if found and cell_len(line.plain) > screen.width:
        first, command = line.divide([len(what) + 1])
        return [*_at_words(screen, first), Text(" ") + command]
    indent = line[: len(line.plain) - len(line.plain.lstrip(" "))]
    rest = line[len(indent) :]
    room = screen.width - len(indent)
    breaks, taken = [], 0
    for word in _WORD.finditer(rest.plain):
        if taken and taken + cell_len(word.group().rstrip()) > room:
            breaks.append(word.start())
            taken = 0
        taken += cell_len(word.group())
    parts = rest.divide(breaks)
    for part in parts:
        part.rstrip()
    return [indent + part for part in parts]


def print_next(*commands: str) -> None:
    """Print the commands that a user is likely to want next, ready to paste."""
    from rich.text import Text

    screen = error_console()
    screen.print("\n[bold]Next[/bold]")
    for command in commands:
        line = Text(f"  {shown.escaped(command)}", style="cyan")
        screen.print(line, soft_wrap=True)


def print_warning(message: str, screen: Console | None = None) -> None:
    """Show something that went wrong and that the command survives; on stderr unless told."""
    from rich.text import Text

    print_line(
        screen or error_console(), Text.assemble(("Warning: ", "yellow"), shown.escaped(message))
    )


def show_warning(event: Event) -> None:
    """Show an event that is a warning."""
    from dlcli.events import Warned

    if isinstance(event, Warned):
        print_warning(event.message)


class Notes:
    """What a user should know of how files were read: shown at once, and kept for --json.

    It is for commands without a recipe: overrides are named as their `--set` takes them.
    """

    def __init__(self) -> None:
        self._sentences: list[str] = []

    def show(self, event: Event) -> None:
        """Show a warning, once."""
        from dlcli.artifacts import settings
        from dlcli.events import Warned

        if not isinstance(event, Warned):
            return
        note = settings.as_options(event.message)
        if note not in self._sentences:
            self._sentences.append(note)
            print_warning(note)

    def document(self) -> dict[str, list[str]]:
        """The entry `warnings` of a document of --json, where there are any."""
        return {"warnings": self._sentences} if self._sentences else {}


def print_bad_files(bad_files: Sequence[tuple[str, str]], what: str = "files") -> None:
    """Warn of files, or rows of a table, that were left out, the first ones by name."""
    if not bad_files:
        return
    screen = error_console()
    print_warning(f"{len(bad_files):,} {what} are left out:")
    for name, reason in bad_files[:_BAD_FILES_SHOWN]:
        print_line(screen, f"  {shown.escaped(f'{name}: {reason}')}")
    if len(bad_files) > _BAD_FILES_SHOWN:
        print_line(screen, f"  ... and {len(bad_files) - _BAD_FILES_SHOWN:,} more")


def check_folder_of(path: Path) -> None:
    """See that there is a folder for a file, before there is anything to write."""
    if not path.parent.is_dir():
        raise UsageError(
            f"there is no folder {path.parent} to write {path.name} into.",
            f"Make it: mkdir -p {shlex.quote(str(path.parent))}",
        )


def refuse_unread(num_errors: int, num_inputs: int, as_json: bool) -> None:
    """End with the code of bad data where inputs could not be read.

    Args:
        as_json: the one document is printed, and it says it.
    """
    if not num_errors:
        return
    error = DataError(
        f"{num_errors:,} of {num_inputs:,} inputs could not be read; their rows say why."
    )
    if as_json:
        raise typer.Exit(error.exit_code)
    raise error


def render_error(error: DlcliError, as_json: bool, exit_code: int | None = None) -> int:
    """Show an error, or that a signal stopped the work, and give the exit code."""
    if as_json:
        document = {"kind": error.kind, "message": error.message, "hint": error.hint}
        print(json.dumps({"error": document}, ensure_ascii=False, indent=2))
    else:
        from rich.text import Text

        screen = error_console()
        if isinstance(error, Interrupted):  # it was asked for
            print_line(screen, error.message[:1].upper() + error.message[1:])
        else:
            print_line(screen, Text.assemble(("Error: ", "bold red"), error.message))
        if error.hint:
            print_line(screen, error.hint)
    return error.exit_code if exit_code is None else exit_code


def render_usage_error(error: typer.TyperException, as_json: bool, argv: Sequence[str]) -> int:
    """Show what is wrong with the command line; help that was asked for is no error."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context else _command_of(argv)
    message = error.format_message()
    if type(error).__name__ == "NoArgsIsHelpError":
        if not as_json:
            error.show()  # type: ignore[attr-defined]
        return 2
    hint = f"See: {path} --help"
    if type(error).__name__ == "NoSuchOption" and "--resume" in _options_of(context):
        from dlcli.cli import known_keys

        hint = known_keys.as_override(getattr(error, "option_name", ""), argv) or hint
    if "unexpected extra argument" in message and "--set" in _options_of(context):
        from dlcli.cli import recipe_arguments

        hint = recipe_arguments.as_setting(argv) or hint
    wrong = DlcliError(message, hint)
    wrong.kind = "usage"
    return render_error(wrong, as_json, exit_code=2)


def _command_of(argv: Sequence[str]) -> str:
    """The command that was typed, where Typer does not tell: words before the first option."""
    words = list(itertools.takewhile(lambda word: word.isalpha() and word.islower(), argv[:2]))
    return " ".join(["dlcli", *(words if words[:1] in (["runs"], ["recipes"]) else words[:1])])


def _options_of(context: Any) -> set[str]:
    """The options of the command that was called."""
    parameters = context.command.params if context else ()
    return {option for parameter in parameters for option in parameter.opts}


def detach_stdout() -> None:
    """Keep the interpreter from complaining when the reader of a pipe has gone."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def progress(quiet: bool, notes: Notes | None = None) -> Iterator[Events]:
    """Bars for work that counts, on a terminal only.

    Yields:
        What shows events: stages in a bar each, and warnings as `status` does.
    """
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from dlcli.events import Decoded, Stage

    screen = error_console()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    bars = Progress(*columns, console=screen, transient=True, disable=quiet or not is_animated())
    warn = notes.show if notes else show_warning
    made: dict[str, TaskID] = {}
    with bars:

        def show(event: Event) -> None:
            if isinstance(event, Decoded):
                event = Stage("reading the data", event.done, event.total)
            if isinstance(event, Stage):
                if event.text not in made:
                    made[event.text] = bars.add_task(event.text)
                bars.update(made[event.text], completed=event.done, total=event.total)
            warn(event)

        yield show


@contextmanager
def rate(unit: str, total: int, quiet: bool) -> Iterator[Events]:
    """A bar for work of which the amount is known, with its rate and the time that is left.

    On a terminal only, and without importing Rich elsewhere: a single answer is to be fast.

    Args:
        unit: what is counted, such as "rows".

    Yields:
        What is told of stages how many are done; the first time, how many were before.
    """
    if quiet or not is_animated():
        yield lambda event: None
        return
    from rich.progress import (
        BarColumn,
        Progress,
        ProgressColumn,
        Task,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    from dlcli.events import Stage

    class Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(f"{task.speed:,.0f} {unit}/s" if task.speed else "", style="dim")

    count = TextColumn("{task.completed:,}/{task.total:,}")
    columns = (BarColumn(), count, Rate(), TimeRemainingColumn(), TextColumn("left"))
    with Progress(*columns, console=error_console(), transient=True) as bars:
        bar = None

        def show(event: Event) -> None:
            nonlocal bar
            if isinstance(event, Stage):
                if bar is None:  # what was done before does not count for the rate
                    bar = bars.add_task("", total=total, completed=event.done)
                bars.update(bar, completed=event.done)

        yield show


@contextmanager
def status(quiet: bool, notes: Notes | None = None) -> Iterator[Events]:
    """A line that says what is going on, on a terminal only.

    Yields:
        What shows events: stages in the line, and warnings, by `notes` where they are given.
    """
    from dlcli.events import Stage

    warn = notes.show if notes else show_warning
    if quiet or not is_animated():
        yield warn
        return
    with error_console().status("") as line:

        def show(event: Event) -> None:
            if isinstance(event, Stage):
                line.update(f"{event.text} ...")
            warn(event)

        yield show
