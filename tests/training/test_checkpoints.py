"""Checkpoints are whole or absent."""

import os
import re

import numpy as np
import pytest

from dlcli.training import checkpoints


def write(folder, step, value=0.0):
    return checkpoints.write(folder, step, {"a": np.full(1000, value, np.float32)}, {"step": step})


def test_round_trip_keeps_every_bit(tmp_path):
    arrays = {
        "floats": np.array([1e-45, -0.0, np.pi], np.float32),
        "seeds": np.array([2**32 - 1, 7], np.uint32),
        "scalar": np.array(3, np.int64),
    }
    state = {"best": [-float("inf"), 0.1], "history": [{"loss": 0.1 + 0.2}]}
    checkpoints.write(tmp_path / "checkpoints", 5, arrays, state)

    read = checkpoints.read_newest(tmp_path / "checkpoints", pytest.fail)

    assert read.state == state
    assert read.path.name == "step-000000005.npz"
    assert {name: array.tobytes() for name, array in read.arrays.items()} == {
        name: array.tobytes() for name, array in arrays.items()
    }


def test_the_newest_two_are_kept(tmp_path):
    for step in (9, 10, 100):
        write(tmp_path, step)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "step-000000010.npz",
        "step-000000100.npz",
    ]


@pytest.mark.parametrize("damage", ["cut", "flipped byte", "empty"])
def test_a_damaged_one_is_reported_and_the_one_before_is_used(tmp_path, damage):
    write(tmp_path, 1)
    newest = write(tmp_path, 2)
    content = bytearray(newest.read_bytes())
    content[len(content) // 2] ^= 1
    newest.write_bytes({"cut": content[:-100], "flipped byte": content, "empty": b""}[damage])
    warnings = []

    assert checkpoints.read_newest(tmp_path, warnings.append).state == {"step": 1}
    assert len(warnings) == 1
    assert re.fullmatch(
        r"checkpoint step-000000002.npz is damaged \(.+\); step-000000001.npz is used.",
        warnings[0].message,
    )


def test_when_all_are_damaged_that_is_said_and_there_is_none(tmp_path):
    write(tmp_path, 1).write_bytes(b"no zip")
    warnings = []
    assert checkpoints.read_newest(tmp_path, warnings.append) is None
    assert warnings[0].message.endswith("there is none before it.")


def test_a_damaged_one_of_a_later_step_never_displaces_a_whole_one(tmp_path):
    write(tmp_path, 1)
    write(tmp_path, 9).write_bytes(b"no zip")
    write(tmp_path, 2)
    write(tmp_path, 3)
    assert [path.name for path in sorted(tmp_path.iterdir())] == [
        "step-000000002.npz",
        "step-000000003.npz",
    ]


def test_what_a_kill_left_half_written_goes_with_the_next_one(tmp_path):
    (tmp_path / ".partial-step-000000001.npz").write_bytes(b"half")
    (tmp_path / ".step-000000001.npz.partial").write_bytes(b"half")  # of dlcli 0.1
    write(tmp_path, 2)
    assert [path.name for path in tmp_path.iterdir()] == ["step-000000002.npz"]


def test_the_newest_step_is_known_by_name(tmp_path):
    assert checkpoints.newest_step(tmp_path) is None
    for step in (9, 10):
        write(tmp_path, step)
    assert checkpoints.newest_step(tmp_path) == 10


def test_no_checkpoint_is_no_error(tmp_path):
    assert checkpoints.read_newest(tmp_path / "missing", pytest.fail) is None


def test_a_kill_while_writing_leaves_nothing_that_is_taken_for_whole(tmp_path, monkeypatch):
    write(tmp_path, 1)

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path, 2)
    assert [path.name for path in tmp_path.iterdir()] == ["step-000000001.npz"]


def test_a_full_disk_is_an_error_and_keeps_the_earlier_ones(tmp_path, monkeypatch):
    write(tmp_path, 1)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write(tmp_path, 2)
    assert [path.name for path in tmp_path.iterdir()] == ["step-000000001.npz"]


def test_one_that_is_damaged_as_it_is_written_never_takes_its_name(tmp_path, monkeypatch):
    write(tmp_path, 1)
    savez = np.savez

    def damaging(file, **content):  # as a failing disk would
        savez(file, **content)
        file.seek(file.tell() // 2)
        file.write(b"\x01")

    monkeypatch.setattr(np, "savez", damaging)
    with pytest.raises(OSError, match=r"step-000000002.npz was damaged as it was written \(.+\)"):
        write(tmp_path, 2)
    assert [path.name for path in tmp_path.iterdir()] == ["step-000000001.npz"]
