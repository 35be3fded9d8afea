"""What dlcli train shows in a terminal while it trains."""

import re
import time
from dataclasses import replace
from pathlib import Path

from dlcli.cli.interrupts import Interrupts
from dlcli.cli.screens.training import TrainingScreen
from dlcli.events import EpochEnded, Stage, Started


def _wait_until_shown(text, terminal):
    deadline = time.monotonic() + 60
    while text not in terminal.getvalue():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _started(bad_files=()):
    return Started(
        "mine", Path("runs/mine"), "CPU", 9, 8, 1, 1, 40, 0, 0, 21, "images", "accuracy", bad_files
    )


def test_no_bar_stays_above_a_warning_of_bad_files(stderr_as):
    terminal = stderr_as(is_terminal=True)
    with TrainingScreen(Interrupts(), quiet=False) as screen:
        screen.show(Stage("building"))
        _wait_until_shown("building", terminal)
        screen.show(_started(bad_files=(("bad.png", "it is empty"),)))
    before = terminal.getvalue().partition("Warning")[0]
    assert "\x1b[2K" in before.rpartition("building")[2]


def test_the_bars_leave_room_for_what_a_terminal_shows_of_ctrl_c(stderr_as):
    """In a full line `^C` would begin another one, and the first bar would be left behind."""
    terminal = stderr_as(is_terminal=True, columns=80)
    with TrainingScreen(Interrupts(), quiet=False) as screen:
        screen.show(_started())
        _wait_until_shown("first steps", terminal)
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", terminal.getvalue())
    bars = [line for line in re.split(r"[\r\n]+", plain) if "━" in line]
    assert bars
    assert max(map(len, bars)) + len("^C") < 80


def test_a_refit_says_what_it_trains_on_and_for_how_long(stderr_as):
    terminal = stderr_as(is_terminal=False)
    with TrainingScreen(Interrupts(), quiet=False) as screen:
        screen.show(_started())
        screen.show(replace(_started(), num_train=9, num_validation=0, epochs=4, is_refit=True))
    assert "8 train, 1 validation, 1 test examples" in terminal.getvalue()
    assert (
        "training.refit: trained anew on the train and validation splits together, 9 examples, "
        "for 4 epochs" in " ".join(terminal.getvalue().split())
    )


def _epoch(number, is_best=False, **metrics):
    row = {"epoch": number, "loss": 0.5 / number, "accuracy": 0.75, "precision": 0.5}
    row |= {"val_loss": 12345678.9 / number, "val_accuracy": 1e-7, "val_precision": 0.5}
    return EpochEnded(row | metrics | {"learning_rate": 1e-3}, is_best, 1.5, 12345.6)


def _rows(terminal):
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", terminal.getvalue())
    return re.findall(r"^(?:epoch +loss| ?\d+/12).*$", plain.replace("\r", "\n"), re.MULTILINE)


def test_an_epoch_is_a_line_of_a_table_in_a_terminal(stderr_as):
    terminal = stderr_as(is_terminal=True, columns=80)
    with TrainingScreen(Interrupts(), quiet=False) as screen:
        screen.show(replace(_started(), epochs=12))
        screen.show(_epoch(1, is_best=True))
        screen.show(_epoch(12, loss=-123456.789))
    assert _rows(terminal) == [
        "epoch      loss  accuracy  precision  val_loss  val_accuracy  images/s",
        " 1/12    0.5000    0.7500     0.5000  1.23e+07         1e-07    12,346  best",
        "12/12   -123457    0.7500     0.5000  1.03e+06         1e-07    12,346",
    ]


def test_the_least_important_columns_are_left_out_of_a_narrow_terminal(stderr_as):
    terminal = stderr_as(is_terminal=True, columns=50)
    with TrainingScreen(Interrupts(), quiet=False) as screen:
        screen.show(replace(_started(), epochs=12))
        screen.show(_epoch(1, is_best=True))
        screen.show(_epoch(2))
    assert _rows(terminal) == [
        "epoch      loss  val_loss  val_accuracy",
        " 1/12    0.5000  1.23e+07         1e-07  best",
        " 2/12    0.2500  6.17e+06         1e-07",
    ]


def test_an_epoch_explains_itself_in_a_file(stderr_as):
    file = stderr_as(is_terminal=False)
    with TrainingScreen(Interrupts(), quiet=False) as screen:
        screen.show(replace(_started(), epochs=12))
        screen.show(EpochEnded({"epoch": 1, "loss": 0.5, "learning_rate": 0.1}, True, 1.5, 40.0))
    assert file.getvalue().splitlines()[-1] == "epoch  1/12  loss 0.5000  40 images/s  best"
