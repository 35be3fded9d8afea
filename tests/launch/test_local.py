"""Workers on this machine: started, watched, started again, and never left behind."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dlcli.launch import local

FAKE = str(Path(__file__).with_name("fake_worker.py"))
LAUNCHER = """
import os, sys
from dlcli.launch import local
workers = local.Workers((sys.argv[2],), 2, os.environ, program=(sys.argv[1],))
ended = local.run(workers, max_restarts=0, events=lambda event: None)
sys.exit(ended.code)
"""


@pytest.fixture
def environ(monkeypatch):
    path = os.pathsep.join([str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")])
    monkeypatch.setenv("PYTHONPATH", path)
    return dict(os.environ)


@pytest.fixture
def launch(tmp_path, environ):
    """Run fake workers that do, at each start, what is given; return the end and the events."""

    def run(*starts, max_restarts=3, **options):
        (tmp_path / "script.json").write_text(json.dumps(starts))
        events = []
        workers = local.Workers(
            (str(tmp_path),), len(starts[0]), environ, program=(FAKE,), **options
        )
        ended = local.run(workers, max_restarts=max_restarts, events=events.append)
        return ended, events

    return run


def log(folder, index):
    with (folder / f"worker-{index}.jsonl").open() as file:
        return [json.loads(line) for line in file]


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            pytest.fail("it did not come about")
        time.sleep(0.02)


def lives(process):
    """Whether a process runs; one that only waits to be collected does not."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_each_worker_is_told_of_all_and_worker_0_speaks_for_them(launch, tmp_path):
    ended, events = launch(["exit 0", "exit 0", "exit 0"], as_json=True)
    assert ended == local.Ended(0, 0, 0, "result of worker 0\n")
    started = [log(tmp_path, index)[0] for index in range(3)]
    clusters = [json.loads(each["TF_CONFIG"]) for each in started]
    addresses = clusters[0]["cluster"]["worker"]
    assert len(set(addresses)) == 3
    assert all(address.startswith("127.0.0.1:") for address in addresses)
    for index, cluster in enumerate(clusters):
        assert cluster["cluster"]["worker"] == addresses
        assert cluster["task"] == {"type": "worker", "index": index}
    assert [each["arguments"][1:] for each in started] == [["--json"], ["--quiet"], ["--quiet"]]
    assert events[0] == local.Launched(tuple(each["process"] for each in started), 0)
    said = {event for event in events if isinstance(event, local.Said)}
    lines = ("Warning: of all", "Warning: of {}", "Error: of {}")
    assert said == {local.Said(i, line.format(i)) for i in (1, 2) for line in lines}


def test_when_a_worker_is_killed_all_are_started_again(launch, tmp_path):
    ended, events = launch(["exit 75", "kill"], ["kill", "exit 75"], ["exit 0", "exit 0"])
    assert ended == local.Ended(0, 0, 2, "")
    assert [event for event in events if isinstance(event, local.Lost)] == [
        local.Lost(1, "was killed (SIGKILL)", 0),
        local.Lost(0, "was killed (SIGKILL)", 1),
    ]
    assert [len(log(tmp_path, index)) for index in (0, 1)] == [3, 3]


def test_workers_are_lost_only_so_often(launch, tmp_path):
    ended, events = launch(["exit 75", "exit 75"], max_restarts=2)
    assert ended == local.Ended(75, 0, 2, "")
    assert len(log(tmp_path, 0)) == 3
    assert events[-1] == local.Lost(0, "lost another one (exit code 75)", 2)


@pytest.mark.parametrize(
    ("actions", "code", "worker"),
    [
        (["exit 3", "exit 3"], 3, 0),
        (["exit 75", "exit 3"], 3, 1),
        (["exit 5", "exit 75"], 5, 0),
    ],
)
def test_what_would_fail_again_is_not_started_again(launch, tmp_path, actions, code, worker):
    ended, _ = launch(actions)
    assert ended == local.Ended(code, worker, 0, "")
    assert len(log(tmp_path, 0)) == 1


def test_a_worker_that_does_not_notice_a_loss_is_killed(launch, monkeypatch):
    monkeypatch.setattr(local, "LEAVE_SECONDS", 0.2)
    ended, events = launch(["hang", "exit 75"], ["exit 0", "exit 0"])
    assert ended == local.Ended(0, 0, 1, "")
    assert local.Lost(1, "lost another one (exit code 75)", 0) in events


@pytest.fixture
def launcher(tmp_path, environ):
    """A launcher in a process of its own, when its two workers run."""
    launchers = []

    def start(action):
        (tmp_path / "script.json").write_text(json.dumps([[action, action]]))
        process = subprocess.Popen([sys.executable, "-c", LAUNCHER, FAKE, tmp_path], env=environ)
        launchers.append(process)
        logs = [tmp_path / f"worker-{index}.jsonl" for index in (0, 1)]
        wait_for(lambda: all(path.exists() and path.read_text() for path in logs))
        return process, [log(tmp_path, index)[0]["process"] for index in (0, 1)]

    yield start
    for process in launchers:
        process.kill()
        process.wait()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_lets_all_workers_save_and_is_the_exit_code(launcher, tmp_path, number):
    process, workers = launcher("stay")
    process.send_signal(number)
    assert process.wait(60) == 128 + number
    assert (tmp_path / "saved-0").exists()
    assert (tmp_path / "saved-1").exists()
    assert not any(map(lives, workers))


def test_a_training_that_was_done_when_the_signal_came_is_done(launcher):
    process, _ = launcher("stay 0")
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0


def test_the_third_signal_ends_workers_that_do_not_stop(launcher, tmp_path):
    process, workers = launcher("hang")
    for count in (1, 2):
        process.send_signal(signal.SIGTERM)
        told = [tmp_path / f"told-{index}-{count}" for index in (0, 1)]
        wait_for(lambda told=told: all(path.exists() for path in told))
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 143
    assert not any(map(lives, workers))


def test_no_worker_outlives_a_launcher_that_is_killed(launcher, tmp_path):
    process, workers = launcher("stay")
    process.kill()
    process.wait()
    wait_for(lambda: not any(map(lives, workers)))
    assert (tmp_path / "saved-0").exists()  # it was asked to stop


@pytest.mark.parametrize(
    ("gpus", "workers", "shares"),
    [
        ((), 2, [None, None]),
        (("0", "1", "2", "3"), 2, ["0,1", "2,3"]),
        (("4", "6", "7"), 2, ["4", "6"]),
        (("0",), 2, ["-1", "-1"]),
        (("0",), 1, [None]),
    ],
)
def test_gpus_are_shared_out_or_nobody_has_one(gpus, workers, shares):
    assert [local.share(gpus, index, workers) for index in range(workers)] == shares


def test_each_worker_sees_its_share_of_the_gpus(launch, tmp_path):
    launch(["exit 0", "exit 0"], gpus=("3", "5"))
    assert [log(tmp_path, index)[0]["CUDA_VISIBLE_DEVICES"] for index in (0, 1)] == ["3", "5"]


@pytest.mark.parametrize(
    ("visible", "gpus"), [("0,2", ("0", "2")), ("", ()), ("-1", ()), ("GPU-5a", ("GPU-5a",))]
)
def test_gpus_are_those_that_cuda_may_see(visible, gpus):
    assert local.gpus({"CUDA_VISIBLE_DEVICES": visible}) == gpus
