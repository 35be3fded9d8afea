"""What the tests of the command line share."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dlcli.cli.screens import output
from dlcli.runs.run_dir import RunDir


@pytest.fixture
def environment() -> dict[str, Any]:
    """What training writes into environment.json."""
    return {
        "dlcli": "0.1.0",
        "python": "3.12.1",
        "tensorflow": "2.21.0",
        "keras": "3.15.1",
        "recipe": "digits-cnn",
        "task": "image-classification",
        "argv": ["/venv/bin/dlcli", "train", "digits-cnn", "model.filters=[16, 32]"],
        "seed": 0,
        "device": "CPU (2 cores)",
        "created": "2026-11-21T10:15:00+00:00",
        "git_commit": None,
        "data": {
            "fingerprint": "5f1c",
            "source": "digits",
            "examples": {"train": 1293, "validation": 144, "test": 360},
        },
        "parameters": 206922,
    }


@pytest.fixture
def metrics() -> dict[str, Any]:
    """What training writes into metrics.json."""
    return {
        "test": {
            "examples": 360,
            "loss": 0.0512,
            "accuracy": 0.9861,
            "per_class": [
                {"class": "cat", "precision": 1.0, "recall": 0.975, "f1": 0.98734, "examples": 200},
                {
                    "class": "狗",
                    "precision": 0.96970,
                    "recall": 1.0,
                    "f1": 0.98462,
                    "examples": 160,
                },
            ],
            "confusion": [[195, 5], [0, 160]],
        },
        "validation": {"loss": 0.06, "accuracy": 0.9791},
        "baselines": [{"name": "majority class", "accuracy": 0.5556}],
        "monitor": "accuracy",
        "best_epoch": 12,
        "epochs": 25,
        "training_seconds": 12.34,
    }


@pytest.fixture
def make_run(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, Any],
    metrics: dict[str, Any],
) -> Callable[..., RunDir]:
    """Write a run as training leaves it, into ./runs of a fresh current folder."""
    monkeypatch.chdir(tmp_path)

    def make(name: str, *, hours_old: float = 1, **documents: dict[str, Any] | None) -> RunDir:
        """Write one run; `environment=` and `metrics=` replace a file, None leaves it out."""
        run = RunDir(Path("runs", name))
        run.path.mkdir(parents=True)
        run.lock.touch()
        run.recipe.write_text("task: image-classification\n", encoding="utf-8")
        created = datetime.now(UTC) - timedelta(hours=hours_old)
        os.utime(run.recipe, (created.timestamp(), created.timestamp()))
        for path, usual in ((run.environment, environment), (run.metrics, metrics)):
            document = documents.get(path.stem, usual)
            if path == run.environment and document is usual:
                document = {**usual, "created": created.isoformat(timespec="seconds")}
            if document is not None:
                path.write_text(json.dumps(document), encoding="utf-8")
        return run

    return make


class _Stderr(io.StringIO):
    def __init__(self, is_terminal: bool) -> None:
        super().__init__()
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal


@pytest.fixture
def stderr_as(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., io.StringIO]]:
    """Put a terminal, or a file, in place of stderr.

    In the test itself: before it runs, pytest puts its own stderr back.
    """

    def put(*, is_terminal: bool, columns: int = 40) -> io.StringIO:
        stream = _Stderr(is_terminal)
        monkeypatch.setattr(sys, "stderr", stream)
        monkeypatch.setenv("COLUMNS", str(columns))
        monkeypatch.setenv("TERM", "xterm")
        output.error_console.cache_clear()
        return stream

    yield put
    output.error_console.cache_clear()
