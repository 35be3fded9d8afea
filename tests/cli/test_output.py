"""What a terminal shows and a file holds of the lines that all commands print."""

import io
import sys
import time

import pytest

from dlcli.cli import output


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def stderr_as(monkeypatch):
    """Put a terminal of 40 columns, or a file, in place of stderr while a test runs."""

    def put(stream: io.StringIO) -> io.StringIO:
        monkeypatch.setattr(sys, "stderr", stream)
        monkeypatch.setenv("COLUMNS", "40")
        monkeypatch.setenv("TERM", "xterm")
        output.error_console.cache_clear()
        return stream

    yield put
    output.error_console.cache_clear()


@pytest.mark.parametrize("animation", [output.status, output.progress])
def test_a_line_does_not_stick_to_what_moves(stderr_as, animation):
    terminal = stderr_as(_Terminal())
    with animation(quiet=False) as show:
        tell = show("working")
        if tell:
            tell(1, 2)
        deadline = time.monotonic() + 10
        while "working" not in terminal.getvalue() and time.monotonic() < deadline:
            time.sleep(0.02)
        output.error_console().print("one")  # the animation is drawn anew below it
        output.error_console().print("two")
    below = terminal.getvalue().partition("one")[2].partition("two")[0]
    assert "working" in below
    assert "\x1b[2K" in below.rpartition("working")[2]
