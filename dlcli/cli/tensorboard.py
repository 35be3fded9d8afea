"""dlcli tensorboard."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from dlcli.cli import complete, options
from dlcli.cli.screens import output
from dlcli.errors import Interrupted, UsageError

if TYPE_CHECKING:
    from dlcli.runs.run_dir import RunDir

app = typer.Typer()

EXAMPLES = options.examples("""
dlcli tensorboard
dlcli tensorboard first-try second-try
dlcli tensorboard latest --port 7000 --no-browser
""")


@app.command(epilog=EXAMPLES)
def tensorboard(
    runs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[RUN]...",
            help="'latest', runs' names, or their paths. Default: all runs, also those to come.",
            autocompletion=complete.runs,
        ),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            metavar="PORT", min=1, max=65535, help="Port to serve on. Default: 6006, or a free one."
        ),
    ] = None,
    host: Annotated[
        str, typer.Option(help="Address to serve on; 0.0.0.0 lets the whole network see the runs.")
    ] = "127.0.0.1",
    browser: Annotated[
        bool | None,
        typer.Option("--open/--no-browser", help="Open a browser. Default: where there is one."),
    ] = None,
    runs_dir: options.RunsDir = None,
) -> None:
    """Show runs in TensorBoard until Ctrl-C, which ends it with exit code 0."""
    import platform
    import webbrowser

    from dlcli.runs import run_dir
    from dlcli.tensorboard import server

    folder = run_dir.runs_folder(runs_dir)
    chosen = [run_dir.find(reference, folder) for reference in runs or []]
    found = chosen or run_dir.all_runs(folder)
    if not found:
        raise UsageError(f"there are no runs in {folder}.", "Train one: dlcli train digits-cnn")
    if not any(run.tensorboard.is_dir() for run in found):
        names = ", ".join(run.name for run in found)
        raise UsageError(f"no TensorBoard logs in {names}.", "List the runs: dlcli runs list")
    chosen_port = server.choose_port(host, port)

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    screen = output.error_console()
    if port is None and chosen_port != server.DEFAULT_PORT:
        taken = f"Port {server.DEFAULT_PORT} is taken; using {chosen_port}."
        output.print_line(screen, taken)
    try:
        with server.serve(found, host, chosen_port) as tensorboard:
            with screen.status("Starting TensorBoard ..."):
                tensorboard.wait_until_it_answers()
            print(tensorboard.url, flush=True)
            output.print_line(screen, f"TensorBoard shows {_named(found)}. Ctrl-C ends it.")
            if "SSH_CONNECTION" in os.environ and host == "127.0.0.1":
                tunnel = f"ssh -N -L {chosen_port}:{host}:{chosen_port} {platform.node()}"
                screen.print(f"On your own computer, before: {tunnel}", soft_wrap=True)
            if _opens_browser() if browser is None else browser:
                webbrowser.open(tensorboard.url)
            tensorboard.wait(lambda: chosen or run_dir.all_runs(folder))
    except KeyboardInterrupt:
        screen.print("TensorBoard has ended.")


def _named(runs: list[RunDir]) -> str:
    return f"run {runs[0].name}" if len(runs) == 1 else f"{len(runs)} runs"


def _stop(number: int, frame: object) -> NoReturn:
    raise Interrupted("TensorBoard was stopped.", "", number)


def _opens_browser() -> bool:
    """Whether a window would open where the user sits."""
    if "SSH_CONNECTION" in os.environ or not sys.stdout.isatty():
        return False
    return sys.platform == "darwin" or bool({"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys())
