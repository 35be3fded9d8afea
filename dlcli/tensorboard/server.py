"""TensorBoard on chosen runs, in a process of its own.

TensorBoard shows everything that a run logs without TensorFlow, which it would
otherwise import: it then answers after 2 s instead of 7 s and keeps off the GPU.
"""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from dlcli.devices import addresses
from dlcli.errors import DlcliError, UsageError
from dlcli.runs.run_dir import RunDir

DEFAULT_PORT = 6006
_LOG_LINES_SHOWN = 10


def choose_port(host: str, port: int | None) -> int:
    """The port to serve on.

    Args:
        port: the one that is asked for; None takes 6006, or any free one when that is taken.

    Raises:
        UsageError: the port that is asked for is taken or not allowed, or there is no such host.
    """
    try:
        return _bindable(host, DEFAULT_PORT if port is None else port)
    except OSError as error:
        if port is None and error.errno == errno.EADDRINUSE:
            return _bindable(host, 0)
        raise UsageError(
            f"port {port or DEFAULT_PORT} of {host} cannot be used: {error.strerror}.",
            "Choose another one with --port.",
        ) from None


@dataclass(frozen=True)
class Server:
    """A TensorBoard process.

    Args:
        links: the folder that it shows, with one link a run.
    """

    process: subprocess.Popen[bytes]
    links: Path
    log: Path
    host: str
    port: int

    @property
    def url(self) -> str:
        """The address for a browser."""
        return addresses.url(self.host, self.port)

    def wait_until_it_answers(self, seconds: float = 120) -> None:
        """Return when a browser would get an answer."""
        url = addresses.url(addresses.ALL.get(self.host, self.host), self.port)
        end = time.monotonic() + seconds
        while not _answers(url):
            self._check()
            if time.monotonic() > end:
                raise self._failure(f"TensorBoard does not answer after {seconds:.0f} s")
            time.sleep(0.1)

    def wait(self, find_runs: Callable[[], list[RunDir]]) -> NoReturn:
        """Serve the runs that are found, new ones too, until an exception ends it.

        Raises:
            DlcliError: TensorBoard ended by itself; with its last messages.
        """
        while True:
            self._check()
            link_runs(self.links, find_runs())
            time.sleep(1)

    def _check(self) -> None:
        if self.process.poll() is not None:
            raise self._failure(f"TensorBoard ended with exit code {self.process.returncode}")

    def _failure(self, what: str) -> DlcliError:
        lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        said = lines[-_LOG_LINES_SHOWN:]
        return DlcliError(f"{what}.{' Its last messages:' if said else ''}", listed=said)


@contextmanager
def serve(runs: list[RunDir], host: str, port: int) -> Iterator[Server]:
    """Start TensorBoard, and end it with the context."""
    with tempfile.TemporaryDirectory(prefix="dlcli-tensorboard-") as folder:
        links, log = Path(folder, "runs"), Path(folder, "log")
        links.mkdir()
        link_runs(links, runs)
        command = [sys.executable, "-m", "dlcli.tensorboard.server", "--logdir", str(links)]
        command += ["--host", host, "--port", str(port)]
        with log.open("wb") as output:
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                # Ctrl-C is for dlcli alone, which then ends TensorBoard.
                start_new_session=True,
            )
        with process:
            try:
                yield Server(process, links, log, host, port)
            finally:
                process.terminate()
                try:
                    process.wait(timeout=5)
                except subprocess.TimeoutExpired:
                    process.kill()


def link_runs(links: Path, runs: list[RunDir]) -> None:
    """Give each run with logs a link, named after it, that TensorBoard follows.

    A folder of links keeps the runs' names, whatever characters they hold; TensorBoard's own
    `--logdir_spec` splits them at commas and colons.
    """
    linked = {link.readlink() for link in links.iterdir()}
    for run in runs:
        target = run.tensorboard.resolve()
        if not target.is_dir() or target in linked:
            continue
        link, number = links / run.name, 1
        while link.is_symlink():  # another folder's run of the same name
            number += 1
            link = links / f"{run.name}-{number}"
        link.symlink_to(target)


def _bindable(host: str, port: int) -> int:
    """The port, or a free one for 0, once it was bound."""
    with addresses.bind(host, port) as probe:
        return int(probe.getsockname()[1])


def _answers(url: str) -> bool:
    import urllib.error
    import urllib.request

    # No proxy stands between this computer and itself.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _end_with_parent() -> None:
    # Not sys.stdin: Python waits for its lock at the end.
    while os.read(0, 1):
        pass
    os._exit(0)


def _main() -> None:
    # The pipe of standard input closes with dlcli, even when that is killed.
    threading.Thread(target=_end_with_parent, daemon=True).start()
    sys.modules["tensorflow"] = None  # type: ignore[assignment]
    from tensorboard import main

    main.run_main()


if __name__ == "__main__":
    _main()
