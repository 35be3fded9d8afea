"""The run directory: the only place that knows the names of files inside a run.

    runs/digits-cnn-20261121-101500/
      recipe.yaml  environment.json  model.keras  metadata.json
      checkpoints/  history.csv  timing.csv  metrics.json
      plots/  tensorboard/  predictions/  exports/
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Literal

from dlcli import catalog
from dlcli.errors import DlcliError, RunBusyError, UsageError

State = Literal["completed", "training", "interrupted", "empty"]


@dataclass(frozen=True)
class RunDir:
    """One run on disk.

    Args:
        path: the run's folder.
    """

    path: Path

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def recipe(self) -> Path:
        return self.path / "recipe.yaml"

    @property
    def environment(self) -> Path:
        return self.path / "environment.json"

    @property
    def model(self) -> Path:
        return self.path / "model.keras"

    @property
    def metadata(self) -> Path:
        return self.path / "metadata.json"

    @property
    def checkpoints(self) -> Path:
        return self.path / "checkpoints"

    @property
    def history(self) -> Path:
        return self.path / "history.csv"

    @property
    def timing(self) -> Path:
        return self.path / "timing.csv"

    @property
    def metrics(self) -> Path:
        return self.path / "metrics.json"

    @property
    def plots(self) -> Path:
        return self.path / "plots"

    @property
    def tensorboard(self) -> Path:
        return self.path / "tensorboard"

    @property
    def exports(self) -> Path:
        return self.path / "exports"

    @property
    def lock(self) -> Path:
        return self.path / "run.lock"

    def state(self) -> State:
        """What has become of the run; `metrics.json` is the last file that training writes."""
        if self.metrics.exists():
            return "completed"
        if self.holder():
            return "training"
        return "interrupted" if any(self.checkpoints.glob("*")) else "empty"

    def holder(self) -> str:
        """Host and process that is writing the run now, or ""."""
        try:
            with self.lock.open() as lock:
                try:
                    fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
                except OSError as error:
                    if error.errno in {errno.EAGAIN, errno.EACCES}:
                        return lock.read().strip() or "another process"
                    raise
        except OSError:
            pass
        return ""

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the run for writing.

        Raises:
            RunBusyError: another process holds it.
        """
        with self.lock.open("a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                lock.seek(0)
                holder = lock.read().strip() or "another process"
                raise RunBusyError(
                    f"run {self.name} is being written by {holder}.",
                    "Wait for it to end, or stop it first.",
                ) from None
            lock.seek(0)
            lock.truncate()
            lock.write(f"process {os.getpid()} on host {socket.gethostname()}\n")
            lock.flush()
            yield


def runs_folder(option: Path | None) -> Path:
    """The folder of the runs: the option, else DLCLI_RUNS_DIR, else ./runs."""
    return option or Path(os.environ.get("DLCLI_RUNS_DIR") or "runs")


def create(folder: Path, recipe_name: str, name: str | None = None) -> RunDir:
    """Make a new run directory; an existing one is never touched.

    Args:
        folder: the runs folder, made when it is missing.
        recipe_name: the default name starts with it.
        name: a name in place of `<recipe>-<YYYYMMDD-HHMMSS>` (UTC).

    Raises:
        UsageError: the name is taken, or is no plain folder name.
        DlcliError: the folder cannot be written.
    """
    if name is not None and (not name or name in {".", "..", "latest"} or "/" in name or "=" in name):
        raise UsageError(f"'{name}' cannot name a run. Expected a plain folder name other than 'latest'.")
    stem = name or f"{recipe_name}-{datetime.now(timezone.utc):%Y%m%d-%H%M%S}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for attempt in range(1, 1000):
            path = folder / (stem if attempt == 1 else f"{stem}-{attempt}")
            try:
                path.mkdir()
                return RunDir(path)
            except FileExistsError:
                if name is not None:
                    raise UsageError(
                        f"a run named '{name}' is in {folder} already.",
                        f"Choose another --name, or remove it: dlcli runs remove {name}",
                    ) from None
    except OSError as error:
        raise DlcliError(
            f"the runs folder {folder} cannot be written: {error.strerror}.",
            "Give another one with --runs-dir.",
        ) from None
    raise DlcliError(f"{folder} has a thousand runs named {stem}.")


def all_runs(folder: Path) -> list[RunDir]:
    """Every run in the folder, newest first."""
    if not folder.is_dir():
        return []
    runs = [RunDir(path.parent) for path in folder.glob("*/recipe.yaml")]
    return sorted(runs, key=lambda run: (run.recipe.stat().st_mtime, run.name), reverse=True)


def find(reference: str, folder: Path) -> RunDir:
    """A run by `latest`, by its name in the folder, or by its path.

    Raises:
        UsageError: there is none.
    """
    if reference == "latest":
        for run in all_runs(folder):
            if run.state() == "completed":
                return run
        raise UsageError(
            f"there is no completed run in {folder}.", "Train one: dlcli train digits-cnn"
        )
    for path in (folder / reference, Path(reference).expanduser()):
        if (path / "recipe.yaml").is_file():
            return RunDir(path)
    names = [run.name for run in all_runs(folder)]
    raise UsageError(
        f"there is no run '{reference}' in {folder}, nor at that path."
        f"{catalog.did_you_mean(reference, [*names, 'latest'])}",
        "List the runs: dlcli runs list",
    )


def write_text(path: Path, text: str) -> None:
    """Replace a file in one step, so that a reader or a kill never meets half of it."""
    aside = path.with_name(f".{path.name}.partial")
    with aside.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(aside, path)


def write_json(path: Path, value: Any) -> None:
    """Replace a JSON file in one step."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def read_json(path: Path) -> Any:
    """Read a JSON file of a run.

    Raises:
        DlcliError: the file is missing or damaged.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DlcliError(f"{path} cannot be read: {error}.") from None


def remove(run: RunDir) -> None:
    """Delete a run and all its files.

    Raises:
        RunBusyError: it is being written.
    """
    with run.locked():
        shutil.rmtree(run.path)
