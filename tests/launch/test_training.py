"""Real trainings on two workers that one command starts, restarts, stops and goes on with."""

import os
import re
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ARGUMENTS = (
    *("digits-cnn", "training.epochs=12", "training.checkpoint_steps=5"),
    *("model.filters=[4]", "model.dense_units=[8]"),
)


class Launched:
    """`dlcli launch` in a process of its own, whose stderr is read line by line."""

    def __init__(self, *arguments):
        root = str(Path(__file__).parents[2])
        self.said = []
        self._process = subprocess.Popen(
            [sys.executable, "-m", "dlcli", "launch", *arguments, "--workers", "2", "--local"],
            env={**os.environ, "PYTHONPATH": root, "COLUMNS": "120"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def until(self, pattern):
        """Read on to a line; its groups as numbers."""
        for line in self._process.stderr:
            self.said.append(line)
            if match := re.search(pattern, line):
                return [int(group) for group in match.groups()]
        pytest.fail(f"no {pattern!r} in:\n{''.join(self.said)}")

    def stop(self):
        self._process.send_signal(signal.SIGINT)

    def end(self):
        self.said += self._process.stderr
        self._process.stderr.close()
        return self._process.wait()


def result(run):
    """What is the same in runs that ended the same."""
    with zipfile.ZipFile(run / "model.keras") as model:
        weights = model.read("model.weights.h5")
    return weights, *((run / name).read_bytes() for name in ("metrics.json", "history.csv"))


def test_workers_that_are_killed_and_stopped_end_as_if_nothing_had_happened(tmp_path, monkeypatch):
    monkeypatch.setenv("DLCLI_RUNS_DIR", str(tmp_path))
    calm = Launched(*ARGUMENTS, "--name", "calm")
    assert calm.end() == 0, "".join(calm.said)

    disturbed = Launched(*ARGUMENTS, "--name", "disturbed")
    processes = disturbed.until(r"worker 0: process (\d+), worker 1: process (\d+)")
    disturbed.until(r"epoch +1/12")
    os.kill(processes[1], signal.SIGKILL)
    disturbed.until(r"worker 1 was killed \(SIGKILL\): starting all again \(1 of 10\)")
    disturbed.until(r"going on after")
    disturbed.until(r"epoch +[2-6]/12")
    disturbed.stop()
    assert disturbed.end() == 130, "".join(disturbed.said)
    hint = "dlcli launch --resume disturbed --workers 2 --local"
    assert f"Go on with it: {hint}\n" in disturbed.said

    again = Launched("--resume", "disturbed")
    assert again.end() == 0, "".join(again.said)
    assert result(tmp_path / "disturbed") == result(tmp_path / "calm")
