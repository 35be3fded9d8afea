"""The run directory: the only place that knows the names of files inside a run.

runs/digits-cnn-20261121-101500/
  recipe.yaml  environment.json  model.keras  metadata.json
  checkpoints/  history.csv  refit.csv  timing.csv  profile.json  metrics.json
  report.html  model_card.md  plots/  tensorboard/  predictions/  explanations/  exports/
"""

from __future__ import annotations

import errno
import os
import re
import shlex
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import IO, Any, Literal

from dlcli import catalog, files
from dlcli.errors import DlcliError, RunBusyError, UsageError

_NOT_WRITABLE = {errno.EACCES, errno.EPERM, errno.EROFS}
_LOOKED_AT = 8  # entries of a folder

State = Literal["completed", "training", "interrupted", "empty"]


class _Inside:
    """A file or folder of a run, as an attribute."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, run: RunDir, owner: type[RunDir]) -> Path:
        return run.path / self._name


@dataclass(frozen=True)
class RunDir:
    """One run on disk."""

    path: Path

    recipe = _Inside("recipe.yaml")
    environment = _Inside("environment.json")
    model = _Inside("model.keras")
    metadata = _Inside("metadata.json")
    checkpoints = _Inside("checkpoints")
    history = _Inside("history.csv")
    refit = _Inside("refit.csv")
    timing = _Inside("timing.csv")
    profile = _Inside("profile.json")
    metrics = _Inside("metrics.json")
    plots = _Inside("plots")
    predictions = _Inside("predictions")
    tensorboard = _Inside("tensorboard")
    report = _Inside("report.html")
    model_card = _Inside("model_card.md")
    explanations = _Inside("explanations")
    exports = _Inside("exports")
    lock = _Inside("run.lock")

    @property
    def name(self) -> str:
        return self.path.name

    def reference(self) -> str:
        """What finds the run in a command that is pasted here: its name, or its path; quoted."""
        is_default = self.path.parent.absolute() == runs_folder(None).absolute()
        return shlex.quote(self.name if is_default else str(self.path))

    def contents(self) -> list[tuple[Path, str]]:
        """What there is of a run's files, each with what it is for."""
        described = (
            (self.recipe, "the recipe with every default; training it repeats the run"),
            (self.environment, "versions, device, seed and data of the run"),
            (self.model, "the best model, with its preprocessing inside"),
            (self.metadata, "task, input and class names of the model"),
            (self.history, "loss and metrics of every epoch"),
            (self.refit, "loss and metrics of every epoch of training.refit"),
            (self.timing, "time and speed of every epoch"),
            (self.profile, "where the time went, of a training with --profile"),
            (self.metrics, "the results"),
            (self.report, "the report: one page to be looked at, printed or sent"),
            (self.model_card, "the same figures as text, to go beside a model that is shared"),
            (self.plots, "training curves, and a confusion matrix or predictions over truth"),
            (self.predictions, "answers to each example of the test split, for reports and tests"),
            (self.tensorboard, "logs for dlcli tensorboard"),
            (self.checkpoints, "what training needs to go on"),
            (self.explanations, "pictures of dlcli explain, a folder each time"),
            (self.exports, "exported files"),
        )
        return [(path, text) for path, text in described if path.exists()]

    def size(self) -> int:
        """Bytes of all files of the run."""
        total = 0
        for folder, _, names in os.walk(self.path):
            for name in names:
                # A file may go while a training writes the run.
                with suppress(OSError):
                    total += Path(folder, name).lstat().st_size
        return total

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
            with files.plain(self.lock).open() as lock:
                if not files.lock(lock, shared=True):
                    return lock.read().strip() or "another process"
        except OSError:
            pass
        return ""

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the run for writing.

        Raises:
            RunBusyError: another process holds it.
            DlcliError: it cannot be written.
        """
        try:
            lock = files.plain(self.lock).open("a+")
        except OSError as error:
            if error.errno in {errno.EINVAL, errno.EISDIR}:
                raise DlcliError(
                    f"run {self.name} cannot be locked: {self.lock} is no file.",
                    "Remove it; it is made again.",
                ) from None
            if error.errno not in _NOT_WRITABLE:
                raise
            raise DlcliError(
                f"run {self.name} cannot be written: {self.lock}: {error.strerror}.",
                "Copy it where you may write, and name that folder with --runs-dir: cp -r "
                f"{shlex.quote(str(self.path))} FOLDER/",
            ) from None
        with lock:
            if not _lock_exclusively(lock):
                lock.seek(0)
                holder = lock.read().strip() or "another process"
                raise RunBusyError(
                    f"run {self.name} is being written by {holder}.",
                    "Wait for it to end, or stop it first.",
                )
            lock.seek(0)
            lock.truncate()
            lock.write(f"process {os.getpid()} on host {os.uname().nodename}\n")
            lock.flush()
            yield


def _lock_exclusively(lock: IO[str], seconds: float = 0.2) -> bool:
    """Take a lock; `holder` may have it for a moment, so one refusal means nothing."""
    end = time.monotonic() + seconds
    try:
        while not files.lock(lock):
            if time.monotonic() > end:
                return False
            time.sleep(0.01)
    except OSError as error:
        raise DlcliError(
            f"{lock.name} cannot be locked: {error.strerror}.",
            "Keep the runs on a file system with file locks: --runs-dir.",
        ) from None
    return True


def runs_folder(option: Path | None) -> Path:
    """The folder of the runs: the option, else DLCLI_RUNS_DIR, else ./runs."""
    return option or Path(os.environ.get("DLCLI_RUNS_DIR") or "runs")


def create(
    folder: Path,
    recipe_name: str,
    name: str | None = None,
    *,
    recipe: str,
    environment: dict[str, Any],
) -> RunDir:
    """Make a new run directory; an existing one is never touched.

    It appears in one step with its first files in it: a process that is killed meanwhile
    leaves no folder that has the name and is no run.

    Args:
        recipe_name: the default name starts with it.
        name: a name in place of `<recipe>-<YYYYMMDD-HHMMSS>` (UTC).
        recipe: text of `recipe.yaml`.
        environment: document of `environment.json`.

    Raises:
        UsageError: the name is taken, or is no plain folder name.
        DlcliError: the folder cannot be written.
    """
    if name is not None:
        check_name(folder, name)
    stem = name or default_name(recipe_name)
    aside = RunDir(folder / f".new-{uuid.uuid4().hex}")
    try:
        aside.path.mkdir(parents=True)
        files.write_json(aside.environment, environment)
        files.write_text(aside.recipe, recipe)
        for attempt in range(1, 1000):
            path = folder / (stem if attempt == 1 else f"{stem}-{attempt}")
            if not path.exists() and _renamed(aside.path, path):
                return RunDir(path)
            if name is not None:
                raise _taken(folder, name)
    except OSError as error:
        raise _unwritable(folder, error) from None
    finally:
        shutil.rmtree(aside.path, ignore_errors=True)
    raise DlcliError(f"{folder} has a thousand runs named {stem}.")


def check_folder(folder: Path) -> None:
    """See that runs can be made in a folder, before there is anything to write.

    Args:
        folder: the runs folder; it is not made where it is missing.
    """
    there = folder.absolute()
    while not there.exists() and there != there.parent:
        there = there.parent
    try:
        files.check_writable(there)
    except OSError as error:
        raise _unwritable(folder, error) from None


def _unwritable(folder: Path, error: OSError) -> DlcliError:
    return DlcliError(
        f"the runs folder {folder} cannot be written: {error.strerror}.",
        "Give another one with --runs-dir.",
    )


def default_name(recipe_name: str) -> str:
    """What a run is called that was given no name: `<recipe>-<YYYYMMDD-HHMMSS>`, in UTC."""
    return f"{recipe_name}-{datetime.now(UTC):%Y%m%d-%H%M%S}"


def is_default_name(name: str, recipe_name: str) -> bool:
    """Whether a run of a recipe was given no name; one of the same second has a number more."""
    return bool(re.fullmatch(re.escape(recipe_name) + r"-\d{8}-\d{6}(-\d+)?", name))


def check_name(folder: Path | None, name: str) -> None:
    """See that a new run can have a name.

    Args:
        folder: the runs folder; None where it is on another machine.

    Raises:
        UsageError: the name is taken, or is no plain folder name.
    """
    if not _names_a_run(name):
        raise UsageError(
            f"'{name}' cannot name a run. Expected a plain folder name: at most 200 bytes, not "
            "'latest', no '/' or '=' in it and no '.' or '-' before it."
        )
    if folder is not None and (folder / name).exists():
        raise _taken(folder, name)


def _taken(folder: Path, name: str) -> UsageError:
    there = RunDir(folder / name).reference()
    return UsageError(
        f"a run named '{name}' is in {folder} already.",
        f"Choose another --name, or remove it: dlcli runs remove {there}",
    )


def _renamed(path: Path, target: Path) -> bool:
    """Rename a folder; False where another process has made the target meanwhile."""
    try:
        path.rename(target)
    except OSError as error:
        if error.errno in {errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR}:
            return False
        raise
    return True


def _names_a_run(name: str) -> bool:
    return (
        name.isprintable()
        and 0 < len(name.encode()) <= 200
        and name != "latest"
        and name[0] not in ".-"
        and not {"/", "="} & set(name)
    )


def all_runs(folder: Path) -> list[RunDir]:
    """Every run in the folder, newest first."""
    runs = []
    for recipe in folder.glob("[!.]*/recipe.yaml"):
        # A run may be removed while the folder is read.
        with suppress(OSError):
            if _is_run(recipe.parent):
                runs.append((recipe.stat().st_mtime, recipe.parent.name, RunDir(recipe.parent)))
    return [run for _, _, run in sorted(runs, key=lambda entry: entry[:2], reverse=True)]


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
    for path in (folder / reference, _user_path(reference)):
        _check_permission(path)
        # An empty reference would be the folder itself.
        if reference and _is_run(path):
            # "." and ".." have no name of their own.
            return RunDir(path.resolve() if path.name in {"", ".."} else path)
    names = [run.name for run in all_runs(folder)]
    raise UsageError(
        f"there is no run '{reference}' in {folder}, nor at that path."
        f"{catalog.did_you_mean(reference, [*names, 'latest'])}",
        "List the runs: dlcli runs list",
    )


def named(name: str, folder: Path) -> RunDir | None:
    """The run of that name in the folder, or None."""
    return RunDir(folder / name) if name and _is_run(folder / name) else None


def find_run_or_artifact(reference: str, folder: Path) -> Path:
    """The path of a run (see `find`) or of an exported file.

    Raises:
        UsageError: there is neither.
    """
    path = _user_path(reference)
    named = reference in {"", "latest"} or _is_run(folder / reference)
    if not named and os.path.exists(path):  # noqa: PTH110
        return path
    return find(reference, folder).path


def containing(path: Path) -> RunDir | None:
    """The run that a file or a folder is in: itself, its model, or one of its exports."""
    path = path.resolve()
    for folder in (path, path.parent, path.parent.parent):
        if _is_run(folder):
            run = RunDir(folder)
            return run if path in {run.path, run.model} or path.parent == run.exports else None
    return None


def _user_path(reference: str) -> Path:
    return Path(os.path.expanduser(reference))  # noqa: PTH111


def _check_permission(path: Path) -> None:
    """See that the system tells whether something is there."""
    try:
        (path / "recipe.yaml").stat()
    except PermissionError as error:
        raise DlcliError(
            f"no permission for {error.filename}: whether there is a run is not known.",
            "Check who owns the folder.",
        ) from None
    except (OSError, ValueError, RuntimeError):
        pass


# os.path answers where a Path raises: an unknown user, a name that is too long.
def _is_run(path: Path) -> bool:
    return os.path.isfile(path / "recipe.yaml")  # noqa: PTH113


def holds_runs(folder: str) -> bool:
    """Tell by its first entries whether a folder is one of runs, which are not a user's data."""
    try:
        with os.scandir(folder) as entries:
            return any(
                _is_run(path := Path(entry.path)) and (path / "environment.json").is_file()
                for entry in islice(entries, _LOOKED_AT)
            )
    except OSError:
        return False


def remove(run: RunDir) -> None:
    """Delete a run and all its files; of a link to a run, only the link.

    Raises:
        RunBusyError: it is being written.
        UsageError: the folder holds a recipe, but was not made by dlcli.
        DlcliError: it cannot be deleted.
    """
    if not (run.environment.exists() or run.lock.exists()):
        raise UsageError(
            f"{run.path} holds a recipe.yaml, but neither {run.environment.name} nor "
            f"{run.lock.name}: dlcli did not make this folder.",
            "Delete it yourself if nothing in it is needed.",
        )
    try:
        with run.locked():
            if run.path.is_symlink():
                run.path.unlink()
                return
            # Out of the list in one step, so that no half of a run is left in it.
            aside = run.path.with_name(f".{run.name}.removed-{os.getpid()}")
            os.replace(run.path, aside)
            shutil.rmtree(aside)
    except OSError as error:
        raise DlcliError(
            f"run {run.name} cannot be removed: {error.filename}: {error.strerror}.",
            "Check who owns it.",
        ) from None
