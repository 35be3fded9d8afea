"""Proof that a killed training ends as an undisturbed one: trains twice and compares.

Both trainings are processes of their own. One is left alone; the other is
killed (SIGKILL) at random moments and gone on with. What is watched are the
files of the run: no part of the training knows of it.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from dlcli import child, files
from dlcli.errors import DlcliError
from dlcli.events import Event, Events, Stage
from dlcli.proof import comparison
from dlcli.proof.comparison import Compared
from dlcli.recipe import schema
from dlcli.recipe.schema import Recipe
from dlcli.runs.run_dir import RunDir
from dlcli.training import checkpoints

# Often enough that most kills come between two checkpoints of one epoch.
OVERRIDE = "training.checkpoint_minutes=0.005"

Moment = Literal["starting", "training", "writing a checkpoint", "finishing"]
_POLL_SECONDS = 0.002
_REPORT_SECONDS = 0.2
_AIMED_AT_WRITING = 0.25  # share of the kills in training that wait for a checkpoint's write


@dataclass(frozen=True)
class Kill(Event):
    """One SIGKILL.

    Args:
        step: optimizer steps of the newest checkpoint then.
        seconds: the process had been running.
    """

    moment: Moment
    step: int
    seconds: float


@dataclass(frozen=True)
class Course(Event):
    """How the undisturbed training went.

    Args:
        starting: seconds to the first checkpoint.
        training: seconds from there to the last one.
        finishing: seconds from there to the end.
        checkpoint_every: seconds between two checkpoints.
    """

    starting: float
    training: float
    finishing: float
    steps: int
    checkpoint_every: float

    @property
    def seconds(self) -> float:
        """From its start to its last file."""
        return self.starting + self.training + self.finishing


@dataclass(frozen=True)
class Verdict:
    """What came out."""

    course: Course
    kills: tuple[Kill, ...]
    compared: tuple[Compared, ...]

    @property
    def equal(self) -> bool:
        """Whether every byte is equal."""
        return not any(each.differences for each in self.compared)


@dataclass(frozen=True)
class Aim:
    """When to kill.

    Args:
        step: wait until there is a checkpoint of this step.
        delay: seconds after that.
    """

    moment: Moment
    step: int
    delay: float


def verify(
    recipe: Recipe,
    recipe_name: str,
    folder: Path,
    *,
    num_kills: int,
    seed: int,
    events: Events,
    stop: Callable[[], bool],
) -> Verdict | None:
    """Train twice and compare.

    Args:
        recipe: what to train; its checkpoints should come often (`OVERRIDE`).
        folder: where the runs are made: `whole`, `killed` and, when that one ended before
            its last kill, `killed-2` and so on.
        num_kills: SIGKILLs in all, at least 1.
        events: told what is going on, how the undisturbed training went, and of each kill.
        stop: asked all the time whether to give up; no process is left behind.

    Returns:
        The verdict; None when `stop` ended it.

    Raises:
        DlcliError: a training failed by itself, with its message and exit code.
    """
    path = folder / f"{recipe_name}.yaml"
    files.write_text(path, schema.dump(recipe))
    _temporary(folder).mkdir()
    try:
        whole = RunDir(folder / "whole")
        course = _train_whole(whole, path, recipe.training.epochs, events, stop)
        events(course)
        generator = np.random.default_rng(seed)
        kills: list[Kill] = []
        compared: list[Compared] = []
        for attempt in range(1, num_kills + 1):
            if len(kills) == num_kills:
                break
            run = RunDir(folder / ("killed" if attempt == 1 else f"killed-{attempt}"))
            aims = draw(course, num_kills - len(kills), generator)
            _train_killed(run, path, course, aims, kills, num_kills, events, stop)
            events(Stage("comparing"))
            compared += comparison.compare(whole, run)
    except _Stopped:
        return None
    finally:
        shutil.rmtree(_temporary(folder), ignore_errors=True)
    return Verdict(course, tuple(kills), tuple(_merged(compared)))


def draw(course: Course, num_kills: int, generator: np.random.Generator) -> list[Aim]:
    """Draw moments evenly over the time that an undisturbed training takes.

    At least half of them are in its steps, however short those are beside start and end:
    a kill elsewhere proves little.

    Returns:
        Where to kill, those in the steps and at the end in their order.
    """
    in_steps = course.starting + course.training
    anywhere = generator.uniform(0, in_steps + course.finishing, num_kills)
    elsewhere = anywhere[(anywhere < course.starting) | (anywhere >= in_steps)][: num_kills // 2]
    inside = generator.uniform(course.starting, in_steps, num_kills - len(elsewhere))
    starting: list[Aim] = []
    aims: list[Aim] = []
    for moment in np.sort(np.concatenate([elsewhere, inside])):
        if moment < course.starting:
            starting.append(Aim("starting", 0, moment))
        elif moment >= in_steps:
            aims.append(Aim("finishing", course.steps, moment - in_steps))
        else:
            step = int((moment - course.starting) / course.training * course.steps)
            if generator.random() < _AIMED_AT_WRITING:
                aims.append(Aim("writing a checkpoint", step, 0.0))
            else:
                delay = generator.uniform(0, course.checkpoint_every)
                aims.append(Aim("training", step, delay))
    # Every process starts: a kill there may come after any other.
    for aim in starting:
        aims.insert(int(generator.integers(len(aims) + 1)), aim)
    return aims


class _Stopped(Exception):
    """Whoever asked for the proof no longer wants it."""


@dataclass
class _Watch:
    """Waits for processes, tells how far they are and asks whether to give up."""

    events: Events
    stop: Callable[[], bool]
    text: str
    total: int
    done: Callable[[], int]
    poll_seconds: float = _POLL_SECONDS
    _reported: float = 0.0

    def wait(self, process: subprocess.Popen[bytes], until: Callable[[], bool]) -> bool:
        """Wait until something is so; False when the process ended before."""
        while process.poll() is None:
            if self.stop():
                raise _Stopped
            if until():
                return True
            if time.monotonic() - self._reported > _REPORT_SECONDS:
                self.events(Stage(self.text, self.done(), self.total))
                self._reported = time.monotonic()
            time.sleep(self.poll_seconds)
        return False


def _train_whole(
    run: RunDir, path: Path, epochs: int, events: Events, stop: Callable[[], bool]
) -> Course:
    text = "training once, left alone: epochs"
    watch = _Watch(events, stop, text, epochs, lambda: _epochs_in(run.history), poll_seconds=0.01)
    began = time.monotonic()
    saved: list[tuple[int, float]] = []  # step of each checkpoint, and when it was there

    def note_checkpoint() -> bool:
        step = checkpoints.newest_step(run.checkpoints)
        if step is not None and (not saved or step != saved[-1][0]):
            saved.append((step, time.monotonic()))
        return False

    with _process(run, path) as process:
        watch.wait(process, note_checkpoint)
        ended = time.monotonic()
        _check_end(process, run, "")
    note_checkpoint()
    first_saved, (last_step, last_saved) = saved[0][1], saved[-1]
    return Course(
        starting=first_saved - began,
        training=last_saved - first_saved,
        finishing=ended - last_saved,
        steps=last_step,
        checkpoint_every=(last_saved - first_saved) / max(len(saved) - 1, 1),
    )


def _train_killed(
    run: RunDir,
    path: Path,
    course: Course,
    aims: list[Aim],
    kills: list[Kill],
    num_kills: int,
    events: Events,
    stop: Callable[[], bool],
) -> None:
    """Train with kills, which are added to `kills`; fewer than aimed at when it ends before."""

    def watching(text: str) -> _Watch:
        return _Watch(events, stop, text, course.steps, lambda: max(_step(run), 0))

    for aim in aims:
        kill = _kill(
            run, path, course, aim, watching(f"before kill {len(kills) + 1} of {num_kills}: steps")
        )
        if kill is None:
            return
        kills.append(kill)
        events(kill)
    with _process(run, path) as process:
        watching("going on to the end: steps").wait(process, lambda: False)
        _check_end(process, run, "going on after a kill failed: ")


def _kill(run: RunDir, path: Path, course: Course, aim: Aim, watch: _Watch) -> Kill | None:
    """Start or go on, and kill; None when the training ended before that."""
    began = time.monotonic()
    first_step, leftovers = _step(run), _partial_files(run)

    def writes() -> bool:
        return bool(_partial_files(run) - leftovers)

    with _process(run, path) as process:
        if aim.moment == "starting":
            due = _after(began + aim.delay)
            # A start that is faster than the first one was ends with a checkpoint.
            alive = watch.wait(process, lambda: due() or _step(run) > first_step)
        elif first_step == course.steps:
            # No checkpoint will tell that it has started.
            alive = watch.wait(process, _after(began + course.starting + aim.delay))
        else:
            step = max(aim.step, first_step + 1)
            alive = watch.wait(process, lambda: _step(run) >= step)
            alive = alive and watch.wait(process, _after(time.monotonic() + aim.delay))
        if aim.moment == "writing a checkpoint":
            alive = alive and watch.wait(process, writes)
        seconds = time.monotonic() - began
        if alive:
            os.killpg(process.pid, signal.SIGKILL)
        if process.wait() != -signal.SIGKILL or not alive:
            _check_end(process, run, "going on after a kill failed: ")
            return None
    moment: Moment
    if writes():
        moment = "writing a checkpoint"
    elif seconds < course.starting and _step(run) == first_step:
        moment = "starting"
    else:
        moment = "finishing" if _step(run) == course.steps else "training"
    return Kill(moment, max(_step(run), 0), seconds)


@contextmanager
def _process(run: RunDir, path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Train, or go on where there is a run; nothing of it is alive afterwards."""
    if not run.recipe.exists():
        # A kill before the recipe was written leaves a folder that is no run.
        shutil.rmtree(run.path, ignore_errors=True)
    job = {"recipe": str(path), "run": str(run.path)}
    with (
        _output(run, "json").open("wb") as told,
        _output(run, "log").open("wb") as log,
        child.started(
            "dlcli.proof.training_process",
            job,
            stdout=told,
            stderr=log,
            folder=_temporary(run.path.parent),
        ) as process,
    ):
        yield process


def _check_end(process: subprocess.Popen[bytes], run: RunDir, failed: str) -> None:
    """Raise what the training itself said was wrong, if it did not end well."""
    code = process.wait()
    if code == 0:
        return
    try:
        said = json.loads(_output(run, "json").read_text(encoding="utf-8"))["error"]
        error = DlcliError(f"{failed}{said['text']}", said["hint"])
    except (ValueError, LookupError):
        lines = _output(run, "log").read_text(encoding="utf-8", errors="replace").splitlines()
        ended = f"signal {-code}" if code < 0 else f"exit code {code}"
        last = f": {lines[-1]}" if lines else "."
        error = DlcliError(f"{failed}the training ended with {ended}{last}")
    error.exit_code = code if code > 0 and not failed else 1
    raise error


def _temporary(folder: Path) -> Path:
    """Where TensorFlow keeps its generated code, which it removes unless it is killed."""
    return folder / "temporary"


def _output(run: RunDir, kind: str) -> Path:
    return run.path.with_name(f"{run.name}.{kind}")


def _step(run: RunDir) -> int:
    """The step of the newest checkpoint, -1 before there is one."""
    step = checkpoints.newest_step(run.checkpoints)
    return -1 if step is None else step


def _partial_files(run: RunDir) -> set[tuple[str, int]]:
    """Checkpoints that are being written, or were when the process was killed."""
    found = set()
    for path in checkpoints.unfinished(run.checkpoints):
        with suppress(OSError):
            found.add((path.name, path.stat().st_mtime_ns))
    return found


def _after(moment: float) -> Callable[[], bool]:
    return lambda: time.monotonic() >= moment


def _epochs_in(history: Path) -> int:
    try:
        return max(len(history.read_text(encoding="utf-8").splitlines()) - 1, 0)
    except OSError:
        return 0


def _merged(compared: list[Compared]) -> list[Compared]:
    """One entry for each thing, with the differences of all the killed trainings."""
    merged: dict[str, Compared] = {}
    for each in compared:
        before = merged.get(each.what)
        differences = (*(before.differences if before else ()), *each.differences)
        merged[each.what] = replace(each, differences=differences)
    return list(merged.values())
