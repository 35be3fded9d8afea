"""Whole programs, killed and stopped from outside, go on to the same end."""

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from dlcli.proof import comparison
from dlcli.runs.run_dir import RunDir

pytestmark = pytest.mark.slow

TINY = (
    "digits-cnn",
    "training.epochs=4",
    "training.checkpoint_steps=5",
    "model.filters=[4]",
    "model.dense_units=[8]",
)
# Sends itself a signal, or prints a line for 0, when a function is called for the nth time.
SIGNAL_AT = """
import os, pkgutil, sys
owner, name, nth, number = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
from dlcli import tensorflow_setup
tensorflow_setup.prepare(False)
owner = pkgutil.resolve_name(owner)
original, calls = getattr(owner, name), []
def signalled(*arguments, **keywords):
    calls.append(1)
    if len(calls) == nth:
        os.kill(os.getpid(), number) if number else print("called", flush=True)
    return original(*arguments, **keywords)
setattr(owner, name, signalled)
from dlcli.cli.app import main
sys.exit(main(sys.argv[5:]))
"""


def start(*arguments, python=("-m", "dlcli")):
    return subprocess.Popen(
        [sys.executable, *map(str, (*python, "train", *arguments))],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process):
    stdout, stderr = process.communicate(timeout=300)
    return process.returncode, stdout, stderr


def succeed(*arguments):
    code, _, stderr = finish(start(*arguments, "--quiet"))
    assert code == 0, stderr
    return stderr


def wait_for(path: Path, pattern: str, process):
    deadline = time.monotonic() + 120
    while not list(path.glob(pattern)):
        assert process.poll() is None, finish(process)
        assert time.monotonic() < deadline
        time.sleep(0.01)


def assert_equal(left: RunDir, right: RunDir):
    compared = comparison.compare(left, right)
    assert len(compared) >= 7  # what is generated has no answers to compare
    assert {each.what: each.differences for each in compared if each.differences} == {}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    succeed(*TINY, "--runs-dir", folder, "--name", "whole")
    return RunDir(folder / "whole")


def kill_at_random(tiny, run, num_kills, seed):
    """Train and kill, again and again; how often it was alive to be killed."""
    kills, moments = 0, random.Random(seed)
    for _ in range(num_kills):
        process = (
            start("--resume", run.path, "--quiet")
            if run.recipe.exists()
            else start(*tiny, "--runs-dir", run.path.parent, "--name", run.name, "--quiet")
        )
        before = sorted(run.checkpoints.glob("step-*"))
        while process.poll() is None and sorted(run.checkpoints.glob("step-*")) == before:
            time.sleep(0.005)
        time.sleep(moments.uniform(0, 0.3))
        process.kill()
        kills += finish(process)[0] == -signal.SIGKILL
    return kills


def test_a_run_killed_at_random_moments_ends_equal_to_the_bit(whole, tmp_path):
    run = RunDir(tmp_path / "killed")
    assert kill_at_random(TINY, run, num_kills=4, seed=5) >= 2
    succeed("--resume", run.path)
    assert_equal(whole, run)


def test_two_networks_with_two_optimizers_and_noise_end_equal_to_the_bit(tmp_path):
    tiny = (
        "digits-gan",
        "preprocessing={image_size: [8, 8], color_mode: grayscale, noise_size: 6}",
        "model.filters=[8, 4]",
        "training.epochs=4",
        "training.checkpoint_steps=5",
    )
    succeed(*tiny, "--runs-dir", tmp_path, "--name", "whole")
    run = RunDir(tmp_path / "killed")
    assert kill_at_random(tiny, run, num_kills=3, seed=6) >= 2
    succeed("--resume", run.path)
    assert_equal(RunDir(tmp_path / "whole"), run)


@pytest.mark.parametrize(
    ("owner", "function", "nth"),
    [
        ("dlcli.files", "write_text", 2),  # between environment.json and recipe.yaml
        ("dlcli.training.checkpoints", "_sync", 1),  # the first checkpoint is just there
        ("dlcli.training.checkpoints", "_all", 5),  # old ones not yet removed
        ("zipfile", "ZipFile", 8),  # while a checkpoint is checked
        ("dlcli.export.keras_file", "write", 1),  # training is over, no model yet
        ("dlcli.artifacts.metadata", "append_to_zip", 1),  # the model is written, but aside
        ("dlcli.artifacts", "load", 1),  # not evaluated yet
        ("dlcli.evaluation.plots", "confusion_matrix", 1),  # all but metrics.json
    ],
)
def test_a_run_killed_at_a_certain_place_ends_equal_to_the_bit(
    whole, tmp_path, run_process, owner, function, nth
):
    run = RunDir(tmp_path / "killed")
    command = ("train", *TINY, "--runs-dir", tmp_path, "--name", "killed", "--quiet")
    at = (owner, function, nth, signal.SIGKILL.value)
    killed = run_process(*at, *command, python=("-c", SIGNAL_AT))
    assert killed.code == -signal.SIGKILL, killed.stderr
    assert not run.metrics.exists()
    if not run.recipe.exists():
        # Nothing of a run is listed that has not begun.
        listed = run_process("runs", "list", "--runs-dir", tmp_path, "--json")
        assert json.loads(listed.stdout)["runs"] == []
        return
    succeed("--resume", run.path)
    assert_equal(whole, run)
    assert not list(run.path.rglob("*partial*"))


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_saves_the_step_and_the_run_ends_equal_to_the_bit(
    whole, tmp_path, run_process, number, code
):
    command = ("train", *TINY, "--runs-dir", tmp_path, "--name", "stopped")
    # From within: sent from outside it might come when the few steps are over.
    at = ("dlcli.training.checkpoints", "_sync", 1, number.value)
    stopped = run_process(*at, *command, python=("-c", SIGNAL_AT))
    assert (stopped.code, stopped.stdout) == (code, "")
    assert f"Training was stopped; its state is saved in {tmp_path}/stopped." in stopped.stderr
    succeed("--resume", tmp_path / "stopped")
    assert_equal(whole, RunDir(tmp_path / "stopped"))


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_after_the_last_epoch_says_how_to_get_the_model(
    tmp_path, run_process, number, code
):
    command = ("train", *TINY, "--runs-dir", tmp_path, "--name", "stopped")
    at = ("dlcli.export.keras_file", "write", 1, number.value)
    stopped = run_process(*at, *command, python=("-c", SIGNAL_AT))
    assert (stopped.code, stopped.stdout) == (code, "")
    assert f"dlcli train --resume {tmp_path}/stopped" in stopped.stderr
    assert (tmp_path / "stopped" / "checkpoints" / "step-000000084.npz").exists()
    succeed("--resume", tmp_path / "stopped")
    assert RunDir(tmp_path / "stopped").metrics.exists()


def test_a_second_signal_stops_at_once(tmp_path):
    # One step is one TensorFlow call here, and takes a minute: a call is not waited for.
    slow = ("training.epochs=1", "training.batch_size=1294", "model.filters=[256, 256, 256]")
    slow += ("model.kernel_size=7", "model.padding=same")
    process = start(
        *("digits-cnn", *slow, "--runs-dir", tmp_path, "--name", "r"),
        python=("-c", SIGNAL_AT, "dlcli.training.loop:Loop", "_num_steps", 1, 0),
    )
    assert process.stdout.readline() == "called\n"
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    sent = time.monotonic()
    assert finish(process)[0] == 130
    assert time.monotonic() - sent < 2
    assert RunDir(tmp_path / "r").holder() == ""


def test_a_second_process_is_refused_with_host_and_process_id(tmp_path, run_process):
    process = start("digits-cnn", "training.epochs=1000", "--runs-dir", tmp_path, "--name", "r")
    try:
        wait_for(tmp_path, "r/history.csv", process)
        refused = run_process("train", "--resume", tmp_path / "r")
        assert refused.code == 6
        holder = f"process {process.pid} on host {os.uname().nodename}"
        assert f"run r is being written by {holder}." in refused.stderr
        assert process.poll() is None
    finally:
        process.kill()
        finish(process)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a file system")
def test_a_full_disk_keeps_the_checkpoint_before_and_the_end_is_the_same(whole, tmp_path):
    mounted = tmp_path / "small"
    mounted.mkdir()
    size = sum(path.stat().st_size for path in whole.checkpoints.iterdir())
    command = [
        "mount",
        "-t",
        "tmpfs",
        "-o",
        f"size={max(2 * size, 400_000)}",
        "tmpfs",
        str(mounted),
    ]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("tmpfs cannot be mounted here")
    try:
        process = start(*TINY, "--runs-dir", mounted, "--name", "full")
        wait_for(mounted, "full/checkpoints/step-*", process)
        with suppress(OSError), (mounted / "ballast").open("wb") as ballast:
            while True:
                ballast.write(bytes(4096))
                ballast.flush()
        code, _, stderr = finish(process)
        assert code == 1
        assert re.search(r"the checkpoint cannot be written|the disk is full", stderr)
        assert list(mounted.glob("full/checkpoints/step-*"))
        (mounted / "ballast").unlink()
        subprocess.run(["mount", "-o", "remount,size=64m", str(mounted)], check=True)
        assert "damaged" not in succeed("--resume", mounted / "full")
        assert_equal(whole, RunDir(mounted / "full"))
    finally:
        subprocess.run(["umount", "-l", str(mounted)], check=True)
