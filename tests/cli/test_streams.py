"""Streams that are closed or full, and what the system refuses."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dlcli import files
from dlcli.cli import app, interrupts
from dlcli.cli.screens import output
from dlcli.errors import DlcliError
from dlcli.runs import run_dir

ROOT = Path(__file__).parents[2]


def shell(command, **options):
    """Run a command line in which DLCLI stands for the program."""
    program = f"{sys.executable} -m dlcli"
    return subprocess.run(
        ["bash", "-c", command.replace("DLCLI", program)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=60,
        **options,
    )


@pytest.mark.parametrize(
    ("redirected", "code"), [(">&-", 0), ("2>&-", 0), ("<&- >&- 2>&-", 0), (">/dev/full", 1)]
)
def test_closed_and_full_streams_are_survived(tmp_path, redirected, code):
    done = shell(f"DLCLI recipes list {redirected}", cwd=tmp_path)
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    assert ("the disk is full" in done.stderr) == (code == 1)


def test_a_device_or_a_pipe_is_written_and_not_replaced(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    files.write_text(pipe, "text")
    assert os.read(reader, 10) == b"text"
    assert pipe.is_fifo()
    os.close(reader)


def test_a_name_that_is_as_long_as_names_may_be_is_written(tmp_path):
    path = tmp_path / ("ä" * 127)
    files.write_text(path, "text")
    assert path.read_text() == "text"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("number", "message"),
    [
        (errno.EROFS, "Read-only file system"),
        (errno.ENAMETOOLONG, "File name too long"),
        (errno.EACCES, "no permission for x"),
        (errno.EMFILE, "Too many open files"),
    ],
)
def test_what_the_system_refuses_is_no_fault_of_dlcli(monkeypatch, capsys, number, message):
    def refuse(*_):
        raise OSError(number, os.strerror(number), "x")

    monkeypatch.setattr(run_dir, "all_runs", refuse)
    output.error_console.cache_clear()
    assert app.main(["runs", "list"]) == 1
    told = capsys.readouterr().err
    assert message in told
    assert "fault of dlcli" not in told


def test_permission_denied_is_not_called_no_run(monkeypatch, tmp_path):
    def refuse(path, **_):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "stat", refuse)
    with pytest.raises(DlcliError, match=r"no permission for .*: whether there is a run is not"):
        run_dir.find("mine", tmp_path)


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES])
def test_a_run_that_cannot_be_written_is_told_with_a_way_out(monkeypatch, tmp_path, number):
    def refuse(path, *_, **__):
        raise OSError(number, os.strerror(number), str(path))

    monkeypatch.setattr(Path, "open", refuse)
    message = r"run mine cannot be written: .*run\.lock: "
    with (
        pytest.raises(DlcliError, match=message) as caught,
        run_dir.RunDir(tmp_path / "mine").locked(),
    ):
        pass
    assert "--runs-dir: cp -r" in caught.value.hint


def test_the_first_signal_of_each_kind_is_noted():
    caught = interrupts.Interrupts()
    for number in (signal.SIGUSR1, signal.SIGTERM, signal.SIGINT):
        caught.catch()
        try:
            os.kill(os.getpid(), number)
            assert caught.signal_number == number
        finally:
            caught.release()
