"""What a terminal shows and a file holds of the lines that all commands print."""

import re
import time

import pytest

from dlcli.cli.screens import output
from dlcli.errors import UsageError
from dlcli.events import Stage


@pytest.mark.parametrize("animation", [output.status, output.progress])
def test_a_line_does_not_stick_to_what_moves(stderr_as, animation):
    terminal = stderr_as(is_terminal=True)
    with animation(quiet=False) as show:
        show(Stage("working", 1, 2))
        deadline = time.monotonic() + 60
        while "working" not in terminal.getvalue() and time.monotonic() < deadline:
            time.sleep(0.02)
        output.error_console().print("one")  # the animation is drawn anew below it
        output.error_console().print("two")
    below = terminal.getvalue().partition("one")[2].partition("two")[0]
    assert "working" in below
    assert "\x1b[2K" in below.rpartition("working")[2]


LONG = "runs/a-name/that/is/longer/than/the/terminal/is/wide"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (
            "Expected one of: alpha, beta, gamma, delta, source.",
            "Expected one of: alpha, beta, gamma,\ndelta, source.\n",
        ),
        (
            "✓ keras  0.96 MB\n  accuracy 0.9 -> 0.9; 2.15 ms for one, 3 ms for 32",
            "✓ keras  0.96 MB\n  accuracy 0.9 -> 0.9; 2.15 ms for one,\n  3 ms for 32\n",
        ),
        (f"kept in {LONG} for you", f"kept in\n{LONG}\nfor you\n"),
        (
            "leave out what it's not: 'data.exclude=[\"a, it'\"'\"'s b\", c]', and so on",
            "leave out what it's not:\n'data.exclude=[\"a, it'\"'\"'s b\", c]', and\nso on\n",
        ),
        ("\nfirst\n\n[8, 16]\n", "\nfirst\n\n[8, 16]\n\n"),
        ("", "\n"),
    ],
)
def test_a_line_breaks_between_words_in_a_terminal_only(stderr_as, line, shown):
    terminal = stderr_as(is_terminal=True)
    output.print_line(output.error_console(), line)
    assert terminal.getvalue() == shown
    file = stderr_as(is_terminal=False)
    output.print_line(output.error_console(), line)
    assert file.getvalue() == f"{line}\n"


def test_forced_colours_do_not_break_a_line_that_goes_into_a_file(stderr_as, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    file = stderr_as(is_terminal=False)
    output.print_warning("word " * 20)
    assert file.getvalue().count("\n") == 1


def test_errors_and_warnings_break_between_words(stderr_as):
    terminal = stderr_as(is_terminal=True)
    output.print_warning("these are nine words that say what it is.")
    error = UsageError(
        "unknown key. Expected one of: target, source.", "See: dlcli recipes show digits-cnn"
    )
    output.render_error(error, as_json=False)
    assert re.sub(r"\x1b\[[0-9;]*m", "", terminal.getvalue()).splitlines() == [
        "Warning: these are nine words that say",
        "what it is.",
        "Error: unknown key. Expected one of:",
        "target, source.",
        "See: dlcli recipes show digits-cnn",
    ]


def test_a_command_that_does_not_fit_has_a_line_to_paste(stderr_as):
    hint = "Every key and its default: dlcli recipes show digits-cnn --resolved --json"
    terminal = stderr_as(is_terminal=True)
    output.render_error(UsageError("it.", hint), as_json=False)
    assert terminal.getvalue().splitlines()[1:] == [
        "Every key and its default:",
        "  dlcli recipes show digits-cnn --resolved --json",
    ]
    file = stderr_as(is_terminal=False)
    output.render_error(UsageError("it.", hint), as_json=False)
    assert file.getvalue() == f"Error: it.\n{hint}\n"
