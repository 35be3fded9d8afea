"""What dlcli train shows in a terminal while it trains."""

import re
import time
from dataclasses import replace
from pathlib import Path

from dlcli.cli.interrupts import Interrupts
from dlcli.cli.training_screen import TrainingScreen
from dlcli.training.events import Stage, Started


def _wait_until_shown(text, terminal):
    deadline = time.monotonic() + 10
    while text not in terminal.getvalue():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _started(bad_files=()):
    return Started("mine", Path("runs/mine"), "CPU", 9, 8, 1, 1, 40, 0, 0, 21, "images", bad_files)


def test_no_bar_stays_above_a_warning_of_bad_files(stderr_as):
    terminal = stderr_as(is_terminal=True)
    with TrainingScreen(Interrupts(), quiet=False) as screen:
        screen.report(Stage("building"))
        _wait_until_shown("building", terminal)
        screen.report(_started(bad_files=(("bad.png", "it is empty"),)))
    before = terminal.getvalue().partition("Warning")[0]
    assert "\x1b[2K" in before.rpartition("building")[2]


def test_the_bars_leave_room_for_what_a_terminal_shows_of_ctrl_c(stderr_as):
    """In a full line `^C` would begin another one, and the first bar would be left behind."""
    terminal = stderr_as(is_terminal=True, columns=80)
    with TrainingScreen(Interrupts(), quiet=False) as screen:
        screen.report(_started())
        _wait_until_shown("first steps", terminal)
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", terminal.getvalue())
    bars = [line for line in re.split(r"[\r\n]+", plain) if "━" in line]
    assert bars
    assert max(map(len, bars)) + len("^C") < 80


def test_a_refit_says_what_it_trains_on_and_for_how_long(stderr_as):
    terminal = stderr_as(is_terminal=False)
    with TrainingScreen(Interrupts(), quiet=False) as screen:
        screen.report(_started())
        screen.report(replace(_started(), num_train=9, num_validation=0, epochs=4, is_refit=True))
    assert "8 train, 1 validation, 1 test examples" in terminal.getvalue()
    assert (
        "training.refit: trained anew on the train and validation splits together, 9 examples, "
        "for 4 epochs" in " ".join(terminal.getvalue().split())
    )
