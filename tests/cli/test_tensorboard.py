"""dlcli tensorboard, as a user types it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from dlcli.errors import DlcliError, UsageError
from dlcli.runs.run_dir import RunDir
from dlcli.tensorboard import server


@pytest.fixture
def logged(make_run):
    """Write a run with a folder of logs, without any in it."""

    def make(name: str) -> RunDir:
        run = make_run(name)
        (run.tensorboard / "train").mkdir(parents=True)
        return run

    return make


@pytest.fixture
def taken():
    """A port of this computer that is taken."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_without_runs_it_does_not_start(run_cli, make_run):
    result = run_cli("tensorboard")
    assert (result.code, result.stdout, result.stderr) == (
        2,
        "",
        "Error: there are no runs in runs.\nTrain one: dlcli train digits-cnn\n",
    )
    make_run("mine")
    result = run_cli("tensorboard", "latest")
    assert (result.code, result.stdout, result.stderr) == (
        2,
        "",
        "Error: no TensorBoard logs in mine.\nList the runs: dlcli runs list\n",
    )
    assert run_cli("tensorboard", "nothing").code == 2


def test_a_port_that_is_asked_for_and_taken_is_refused(run_cli, logged, taken):
    logged("mine")
    result = run_cli("tensorboard", "--port", taken)
    assert (result.code, result.stdout, result.stderr) == (
        2,
        "",
        f"Error: port {taken} of 127.0.0.1 cannot be used: Address already in use.\n"
        "Choose another one with --port.\n",
    )


def test_the_usual_port_gives_way_to_a_free_one(monkeypatch, taken):
    assert server.choose_port("127.0.0.1", None) > 0
    monkeypatch.setattr(server, "DEFAULT_PORT", taken)
    assert server.choose_port("127.0.0.1", None) not in {0, taken}


@pytest.mark.parametrize("host", ["no such host", "198.51.100.1"])
def test_an_address_that_is_not_this_computers_is_refused(host):
    with pytest.raises(UsageError, match=f"'{host}' is no address of this computer"):
        server.choose_port(host, None)


def test_each_run_gets_one_link_named_after_it(logged, tmp_path):
    first, second = logged("a,b:c 数"), logged("second")
    Path("runs").rename("others")
    same_name = logged("second")
    links = tmp_path / "links"
    links.mkdir()
    runs = [RunDir(Path("others", first.name)), RunDir(Path("others", second.name)), same_name]
    server.link_runs(links, runs)
    server.link_runs(links, runs)
    assert {link.name: link.readlink() for link in links.iterdir()} == {
        "a,b:c 数": tmp_path / "others" / "a,b:c 数" / "tensorboard",
        "second": tmp_path / "others" / "second" / "tensorboard",
        "second-2": tmp_path / "runs" / "second" / "tensorboard",
    }


def test_a_run_is_linked_as_soon_as_it_has_logs(make_run, tmp_path):
    run, links = make_run("mine"), tmp_path / "links"
    links.mkdir()
    server.link_runs(links, [run])
    assert not list(links.iterdir())
    run.tensorboard.mkdir()
    server.link_runs(links, [run])
    assert [link.name for link in links.iterdir()] == ["mine"]


def test_the_last_messages_of_a_tensorboard_that_ends_are_shown(logged, taken, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    with (
        server.serve([logged("mine")], "127.0.0.1", taken) as served,
        pytest.raises(DlcliError, match=r"(?s)ended with exit code \d+\. Its last .*in use"),
    ):
        served.wait_until_it_answers()
    assert served.process.poll() is not None
    assert not served.links.exists()


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, 143)])
def test_it_shows_runs_that_come_later_and_ends_with_its_signal(logged, number, code):
    logged("first")
    process = subprocess.Popen(
        [sys.executable, "-m", "dlcli", "tensorboard", "--no-browser"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    url = process.stdout.readline().strip()
    logged("second")
    write_scalar(Path("runs", "second", "tensorboard", "train"))
    for _ in range(240):
        with urllib.request.urlopen(f"{url}data/runs", timeout=30) as answer:
            runs = json.load(answer)
        if runs == ["second/train"]:
            break
        time.sleep(0.5)
    assert runs == ["second/train"]
    process.send_signal(number)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == code
    assert "TensorFlow" not in stderr
    assert "Traceback" not in stderr
    assert "TensorBoard shows run first. Ctrl-C ends it." in stderr
    with pytest.raises(urllib.error.URLError, match="Connection refused"):
        urllib.request.urlopen(url, timeout=30)


def write_scalar(folder: Path) -> None:
    """Write one scalar as TensorFlow does."""
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.summary.writer.event_file_writer import EventFileWriter

    writer = EventFileWriter(str(folder))
    writer.add_event(Event(step=1, summary=Summary(value=[{"tag": "loss", "simple_value": 0.5}])))
    writer.close()
