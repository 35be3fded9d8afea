"""What `dlcli launch --local` shows: worker 0's own screen, and what the others have to say."""

from __future__ import annotations

from rich.text import Text

from dlcli.cli.screens import output
from dlcli.events import Event
from dlcli.launch.local import Ended, Launched, Lost, Said

# How a worker begins to say why it ended; all of them say that they were stopped.
_ENDINGS = ("Error: ", "Training was stopped", "Stopped ", "Stopped.")


class LaunchScreen:
    """Renders what happens to the workers on stderr.

    Worker 0 writes on the same terminal by itself. What others say is held back there until
    its bars have gone, elsewhere it is shown as it comes. Most of it is said by each of them:
    it is shown once.

    Args:
        quiet: show no progress.
    """

    def __init__(self, run: str, max_restarts: int, quiet: bool) -> None:
        self._run, self._max_restarts, self._quiet = run, max_restarts, quiet
        self._screen = output.error_console()
        self._held: dict[str, int] = {}  # a line, and the first worker that said it
        self._shown: set[str] = set()
        self._errors: dict[int, list[str]] = {}  # of each worker, from why it ended on

    def show(self, event: Event) -> None:
        """Show one event."""
        if isinstance(event, Launched):
            self._show_start(event)
        elif isinstance(event, Said):
            self._note(event)
        elif isinstance(event, Lost):
            self._show_loss(event)

    def end(self, ended: Ended) -> None:
        """Show what was held back, and why a worker other than worker 0 ended the job."""
        self._release()
        for line in self._errors.get(ended.worker, []):
            self._say(ended.worker, line)

    def _show_start(self, event: Launched) -> None:
        if self._quiet:
            return
        processes = ", ".join(
            f"worker {index}: process {process}" for index, process in enumerate(event.processes)
        )
        output.print_line(self._screen, f"{self._run} on this machine, {processes}")

    def _note(self, event: Said) -> None:
        if event.worker in self._errors or event.line.startswith(_ENDINGS):
            self._errors.setdefault(event.worker, []).append(event.line)
        elif event.line.strip() and event.line not in self._shown:
            self._shown.add(event.line)
            self._held[event.line] = event.worker
            if not output.is_animated():
                self._release()

    def _show_loss(self, event: Lost) -> None:
        if output.is_animated():
            self._screen.show_cursor()  # a worker 0 that was killed has left it hidden
            self._screen.print()
        self._release()
        self._errors.clear()
        then = "no restart is left"
        if event.restarts < self._max_restarts:
            then = f"starting all again ({event.restarts + 1} of {self._max_restarts})"
        output.print_warning(f"worker {event.worker} {event.how}: {then}.")

    def _release(self) -> None:
        for line, worker in self._held.items():
            self._say(worker, line)
        self._held.clear()

    def _say(self, worker: int, line: str) -> None:
        output.print_line(self._screen, Text.assemble((f"worker {worker}: ", "cyan"), line))
