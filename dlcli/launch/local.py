"""Workers on this machine, for trying out what a cluster will do."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from dlcli.devices.addresses import free_local
from dlcli.devices.cluster import OPT_OUT, Cluster
from dlcli.events import Event, Events
from dlcli.launch.job import RESTART

# A worker needs seconds to notice that another one is lost; one that never does is killed.
LEAVE_SECONDS = 60.0
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1)


@dataclass(frozen=True)
class Launched(Event):
    """All workers have been started.

    Args:
        processes: their process numbers, worker 0 first.
        restarts: how often all were started before.
    """

    processes: tuple[int, ...]
    restarts: int


@dataclass(frozen=True)
class Said(Event):
    """A line that a worker other than worker 0 wrote on stderr."""

    worker: int
    line: str


@dataclass(frozen=True)
class Lost(Event):
    """A worker was lost, and with it this attempt.

    Args:
        restarts: how often all were started before.
    """

    worker: int
    how: str
    restarts: int


@dataclass(frozen=True)
class Ended:
    """How a job ended.

    Args:
        code: its exit code: that of the workers, or 128 and the signal that stopped it.
        worker: the one whose code that is.
        restarts: how often all workers were started again.
        stdout: what worker 0 wrote there; "" unless that is JSON.
    """

    code: int
    worker: int
    restarts: int
    stdout: str


@dataclass(frozen=True)
class Workers:
    """What is started.

    Args:
        arguments: of the program, the same for every worker.
        number: how many there are.
        environ: their environment, to which each one's cluster is added.
        gpus: CUDA's names of the GPUs that they share out among themselves.
        as_json: whether worker 0 answers in JSON, which is returned in place of shown.
        stderr: where worker 0 writes its screen; None for where this process does.
        program: what Python runs; the pipe that it watches and the arguments follow.
    """

    arguments: tuple[str, ...]
    number: int
    environ: Mapping[str, str]
    gpus: tuple[str, ...] = ()
    as_json: bool = False
    stderr: int | None = None
    program: tuple[str, ...] = ("-m", "dlcli.cli.launch_worker")


def run(workers: Workers, *, max_restarts: int, events: Events) -> Ended:
    """Start the workers and stay until none of them is left.

    When one is killed or leaves with exit code 75, all are started again. SIGINT, SIGTERM and
    SIGUSR1 are handed on to every worker: the first lets them save, the second ends them. They
    stop too when this process is killed.

    Args:
        max_restarts: how often all are started again at most; then the exit code is 75.
    """
    return asyncio.run(_Attempts(workers, events).run(max_restarts))


def gpus(environ: Mapping[str, str]) -> tuple[str, ...]:
    """CUDA's names of the GPUs of this machine that a process may use."""
    if "CUDA_VISIBLE_DEVICES" in environ:
        names = [name.strip() for name in environ["CUDA_VISIBLE_DEVICES"].split(",")]
        return tuple(name for name in names if name not in ("", "-1"))
    devices = [path.name for path in Path("/dev").glob("nvidia*")]
    return tuple(str(i) for i in range(sum(bool(re.search(r"a\d+$", name)) for name in devices)))


def share(gpus: Sequence[str], index: int, num_workers: int) -> str | None:
    """What a worker's CUDA_VISIBLE_DEVICES is: its share of the GPUs, or none of them for anybody.

    Returns:
        None where there is nothing to share out.
    """
    if not gpus or num_workers == 1:
        return None
    each = len(gpus) // num_workers
    return ",".join(gpus[index * each : (index + 1) * each]) if each else "-1"


class _Attempts:
    """One job: its workers are started, and started again."""

    def __init__(self, workers: Workers, events: Events) -> None:
        self._workers, self._events = workers, events
        self._processes: list[asyncio.subprocess.Process] = []
        self._signals: list[int] = []  # that came
        self._killed: set[int] = set()  # indices of those that did not leave by themselves

    async def run(self, max_restarts: int) -> Ended:
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            loop.add_signal_handler(number, self._hand_on, number)
        # Nothing is ever written: workers read its end when this process has gone, however it went.
        watched, held = os.pipe()
        restarts = 0
        try:
            while True:
                codes, stdout = await self._attempt(watched, restarts)
                if self._signals and any(codes):
                    return Ended(128 + self._signals[0], 0, restarts, stdout)
                lost, failed = self._lost(codes), _failed(codes)
                if lost is None or (failed is not None and codes[lost] == RESTART):
                    worker = failed or 0
                    return Ended(max(codes[worker], 0), worker, restarts, stdout)
                self._events(Lost(lost, _in_words(codes[lost]), restarts))
                if restarts == max_restarts:
                    return Ended(RESTART, lost, restarts, stdout)
                restarts += 1
        finally:
            self._kill()
            for number in _SIGNALS:
                loop.remove_signal_handler(number)
            os.close(watched)
            os.close(held)

    async def _attempt(self, watched: int, restarts: int) -> tuple[list[int], str]:
        """Start all workers and wait until all have ended.

        Returns:
            Their return codes, negative for a signal, and worker 0's JSON if asked for.
        """
        self._killed.clear()
        self._processes = []
        addresses = free_local(self._workers.number)
        for index in range(self._workers.number):
            self._processes.append(await self._start(index, addresses, watched))
        self._events(Launched(tuple(process.pid for process in self._processes), restarts))
        if self._signals:  # it came when there was not yet anyone to hand it on to
            self._send(self._signals[0])
        reading = [
            asyncio.create_task(self._read(index, process))
            for index, process in enumerate(self._processes)
        ]
        codes = await self._ends()
        written = await asyncio.gather(*reading)
        return codes, written[0]

    async def _start(
        self, index: int, addresses: tuple[str, ...], watched: int
    ) -> asyncio.subprocess.Process:
        workers = self._workers
        environ = {name: value for name, value in workers.environ.items() if name != OPT_OUT}
        environ["TF_CONFIG"] = Cluster(addresses, index, "TF_CONFIG").tf_config()
        gpus = share(workers.gpus, index, workers.number)
        if gpus is not None:
            environ["CUDA_VISIBLE_DEVICES"] = gpus
        shown = None if index == 0 else subprocess.DEVNULL
        return await asyncio.create_subprocess_exec(
            sys.executable,
            *(*workers.program, str(watched), *workers.arguments),
            *(("--json",) * workers.as_json if index == 0 else ("--quiet",)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if index == 0 and workers.as_json else shown,
            stderr=workers.stderr if index == 0 else subprocess.PIPE,
            env=environ,
            pass_fds=[watched],
            # Out of the terminal's group: Ctrl-C reaches the workers once, through this process.
            process_group=0,
        )

    async def _read(self, index: int, process: asyncio.subprocess.Process) -> str:
        """Report the lines of stderr of a worker, or return the stdout of worker 0."""
        if index == 0:
            return (await process.stdout.read()).decode() if process.stdout else ""
        rest = b""
        while process.stderr and (chunk := await process.stderr.read(65536)):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                self._events(Said(index, line.decode(errors="replace")))
        if rest:
            self._events(Said(index, rest.decode(errors="replace")))
        return ""

    async def _ends(self) -> list[int]:
        """Wait for all workers; when one has failed, for the others only so long."""
        waiting = {asyncio.create_task(process.wait()) for process in self._processes}
        seconds = None
        while waiting:
            done, waiting = await asyncio.wait(
                waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED
            )
            if not done:
                self._kill()
                seconds = None
            elif any(task.result() for task in done) and not self._signals:
                seconds = LEAVE_SECONDS
        for process in self._processes:
            if process.returncode and process.returncode < 0:
                with suppress(ProcessLookupError):  # what a killed worker had started
                    os.killpg(process.pid, signal.SIGKILL)
        return [process.returncode or 0 for process in self._processes]

    def _lost(self, codes: list[int]) -> int | None:
        """Which worker was lost: one that a signal ended, before one that says so of another."""
        for index, code in enumerate(codes):
            if code < 0 and index not in self._killed:
                return index
        return codes.index(RESTART) if RESTART in codes else None

    def _hand_on(self, number: int) -> None:
        self._signals.append(number)
        if len(self._signals) > 2:
            self._kill()
        else:
            self._send(number)

    def _send(self, number: int) -> None:
        for process in self._processes:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.send_signal(number)

    def _kill(self) -> None:
        """End what is left of the workers, with the processes that they have started."""
        for index, process in enumerate(self._processes):
            if process.returncode is None:
                self._killed.add(index)
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)


def _failed(codes: Sequence[int]) -> int | None:
    """The first worker that ended for a reason that it would have again."""
    failed = (index for index, code in enumerate(codes) if code > 0 and code != RESTART)
    return next(failed, None)


def _in_words(code: int) -> str:
    if code == RESTART:
        return f"lost another one (exit code {RESTART})"
    try:
        return f"was killed ({signal.Signals(-code).name})"
    except ValueError:
        return f"was killed (signal {-code})"
