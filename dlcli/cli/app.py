"""The application: which commands there are, and how every error is rendered."""

from __future__ import annotations

import copy
import errno
import os
import signal
from collections.abc import Callable
from typing import Annotated, Any

import typer

from dlcli import __version__, tensorflow_setup
from dlcli.cli import (
    autotune,
    benchmark,
    compare,
    evaluate,
    explain,
    export,
    find_lr,
    generate,
    launch,
    merge,
    predict,
    recipes,
    report,
    reproduce,
    runs,
    serve,
    tensorboard,
    train,
    verify_resume,
)
from dlcli.cli.screens import output
from dlcli.errors import DlcliError, Interrupted

EXIT_CODES = (
    "Exit codes: 0 done; 1 failed; 2 wrong usage or invalid recipe; 3 bad data; "
    "4 artifact rejected or gate not met; 5 training diverged; 6 run busy; "
    "75 restart me (a worker was lost); 130 Ctrl-C; 138 SIGUSR1; 143 SIGTERM."
)

# What the system refuses, each with what to do.
_OF_THE_SYSTEM = {
    errno.EROFS: "The file system is read-only: name another place, with --output or --runs-dir.",
    errno.ENAMETOOLONG: "Choose a shorter name.",
    errno.EDQUOT: "Free some space and run the command again.",
    errno.ELOOP: "Check the links in the path.",
    errno.EISDIR: "Name a file in it.",
    errno.ENOTDIR: "Check the path: one of its folders is a file.",
    errno.EIO: "Check the disk and the network that it is on.",
    errno.ESTALE: "Check the disk and the network that it is on.",
    errno.EMFILE: "Raise the limit of open files: ulimit -n",
    errno.ENFILE: "Raise the limit of open files: ulimit -n",
}

# Commands without a recipe, in which `--set` says how files are read.
_SETTABLE = ("predict", "evaluate", "explain", "serve")

app = typer.Typer(
    name="dlcli",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=EXIT_CODES,
)
COMMANDS = (
    train,
    launch,
    evaluate,
    predict,
    merge,
    explain,
    generate,
    export,
    benchmark,
    serve,
    recipes,
    runs,
    report,
    compare,
    tensorboard,
    find_lr,
    autotune,
    reproduce,
    verify_resume,
)
for command in COMMANDS:
    if command.app.info.name:  # a group, such as `recipes`
        app.add_typer(command.app)
    else:  # taken over without a group of its own, which would cost time at every start
        app.registered_commands += command.app.registered_commands


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"dlcli {__version__}")
        raise typer.Exit


@app.callback()
def dlcli(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version."),
    ] = False,
    debug: Annotated[
        bool,
        typer.Option(
            "--debug",
            help="Show tracebacks and TensorFlow's log lines. Works after any command too.",
        ),
    ] = False,
) -> None:
    """Train, evaluate, predict with and export Keras models from the shell.

    Start here: [bold]dlcli train digits-cnn[/bold]
    """


def main(argv: list[str]) -> int:
    """Run one command.

    Returns:
        The documented exit code.
    """
    debug, as_json = "--debug" in argv, "--json" in argv
    argv = [argument for argument in argv if argument != "--debug"]
    tensorflow_setup.prepare(debug)
    program = _listing() if _wants_listing(argv) else app
    try:
        code: int = program(argv, prog_name="dlcli", standalone_mode=False) or 0
        if code == 128 + signal.SIGINT:  # what typer makes of a KeyboardInterrupt
            raise KeyboardInterrupt
        return code
    except typer.TyperException as error:
        return output.render_usage_error(error, as_json, argv)
    except (KeyboardInterrupt, typer.Abort):
        return output.render_error(Interrupted("stopped.", "", signal.SIGINT), as_json)
    except BrokenPipeError:
        output.detach_stdout()
        return 1
    except DlcliError as error:
        if debug:
            raise
        if argv[0] in _SETTABLE:
            from dlcli.artifacts import settings

            error.hint = settings.as_options(error.hint)
        return output.render_error(error, as_json)
    except Exception as error:
        if debug:
            raise
        if isinstance(error, OSError) and error.errno == errno.ENOSPC and not error.filename:
            output.detach_stdout()  # it is what is full, or not known to be anything else
            as_json = False
        return output.render_error(_unexpected(error), as_json)


def _wants_listing(argv: list[str]) -> bool:
    """Whether the program's own help is asked for: a shell that completes gives no arguments."""
    return argv in ([], ["--help"], ["-h"]) and "_DLCLI_COMPLETE" not in os.environ


def _listing() -> typer.Typer:
    """The program with commands that have no parameters: its own help shows none.

    To read those of all commands takes longer than all else that this help does.
    """
    listing = copy.copy(app)
    listing.registered_commands = [copy.copy(command) for command in app.registered_commands]
    for command in listing.registered_commands:
        if command.callback:
            command.callback = _without_parameters(command.callback)
    return listing


def _without_parameters(callback: Callable[..., Any]) -> Callable[[], None]:
    def command() -> None:
        pass

    command.__name__, command.__doc__ = callback.__name__, callback.__doc__
    return command


def _unexpected(error: Exception) -> DlcliError:
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        where = f" while writing {error.filename}" if error.filename else ""
        return DlcliError(f"the disk is full{where}.", "Free some space and run the command again.")
    if isinstance(error, RuntimeError) and "home directory" in str(error):  # of pathlib
        return DlcliError(
            "the home folder is not known: HOME is not set, and the system has none for this user "
            "or for the one in a path that starts with '~'.",
            "Set HOME, or XDG_CACHE_HOME and KERAS_HOME to folders that can be written.",
        )
    if isinstance(error, PermissionError):
        return DlcliError(f"no permission for {error.filename}.", "Check who owns it.")
    if isinstance(error, OSError) and error.errno in _OF_THE_SYSTEM:
        what = f"{error.filename} cannot be used" if error.filename else "a file cannot be used"
        return DlcliError(f"{what}: {error.strerror}.", _OF_THE_SYSTEM[error.errno])
    return DlcliError(
        f"unexpected {type(error).__name__}: {error}",
        "This is a fault of dlcli. Run the command again with --debug and report what it prints.",
    )
