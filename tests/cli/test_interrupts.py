"""The first signal unwinds the stack, the second one ends the process and shows the cursor."""

import os
import pty
import signal
import subprocess
import sys

import pytest

PROGRAM = """
import os, time
from dlcli import tensorflow_setup
from dlcli.cli import interrupts

interrupts.clean_up_first()
tensorflow_setup.silence_native_libraries()  # file descriptor 2 is no terminal any more
try:
    os.write(1, b"ready")
    time.sleep(100)
finally:
    os.write(1, b"cleaning")
    time.sleep(SECONDS)
"""


@pytest.fixture
def started():
    """Start the program with a terminal; its output is read from the other end."""
    processes, ends = [], []

    def start(seconds):
        ours, theirs = pty.openpty()
        ends.extend((ours, theirs))
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM.replace("SECONDS", str(seconds))],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        processes.append(process)

        def wait_for(text):
            seen = b""
            while text not in seen:
                seen += os.read(ours, 1024)
            return seen

        wait_for(b"ready")
        return process, wait_for

    yield start
    for process in processes:
        process.kill()
        process.wait()
    for end in ends:
        os.close(end)


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, -signal.SIGINT)]
)
def test_the_first_signal_cleans_up(started, number, code):
    process, wait_for = started(0)
    process.send_signal(number)
    wait_for(b"cleaning")
    # Python itself ends of an uncaught KeyboardInterrupt; `main` catches it.
    assert process.wait(60) == code


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_second_signal_ends_the_process_and_shows_the_cursor(started, number):
    process, wait_for = started(100)
    process.send_signal(number)
    wait_for(b"cleaning")
    process.send_signal(number)
    wait_for(b"\x1b[?25h")
    assert process.wait(60) == 128 + number
