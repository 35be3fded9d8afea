"""The proof of exact resuming: kills are spread, nothing is left running, differences are told."""

import json
import subprocess

import numpy as np
import pytest

from dlcli.errors import DlcliError
from dlcli.proof import verify_resume
from dlcli.proof.comparison import Compared
from dlcli.proof.verify_resume import Course, Kill, Verdict
from dlcli.recipe import schema

COURSE = Course(starting=5.0, training=20.0, finishing=5.0, steps=400, checkpoint_every=0.5)
TINY = ("training.epochs=4", "model.filters=[4]", "model.dense_units=[8]")


def draw(num_kills, seed=0):
    return verify_resume.draw(COURSE, num_kills, np.random.default_rng(seed))


def test_moments_are_spread_over_the_whole_training():
    aims = draw(1200)
    count = {aim.moment: sum(other.moment == aim.moment for other in aims) for aim in aims}
    assert len(aims) == 1200
    assert 150 < count["starting"] < 250
    assert 150 < count["finishing"] < 250
    assert 150 < count["writing a checkpoint"] < 250
    steps = [aim.step for aim in aims if aim.moment in {"training", "writing a checkpoint"}]
    assert 80 < np.percentile(steps, 25) < 120
    assert 280 < np.percentile(steps, 75) < 320


@pytest.mark.parametrize("num_kills", [1, 2, 5, 100])
def test_at_least_half_hit_the_steps_however_short_they_are(num_kills):
    course = Course(starting=20.0, training=0.5, finishing=20.0, steps=84, checkpoint_every=0.1)
    aims = verify_resume.draw(course, num_kills, np.random.default_rng(0))
    in_steps = [aim for aim in aims if aim.moment in {"training", "writing a checkpoint"}]
    assert len(aims) == num_kills
    assert len(in_steps) >= num_kills / 2


def test_steps_that_are_aimed_at_never_fall_so_that_every_kill_can_be_reached():
    steps = [aim.step for aim in draw(100) if aim.moment != "starting"]
    assert steps == sorted(steps)
    assert max(steps) <= COURSE.steps
    assert all(0 <= aim.delay <= 5.0 for aim in draw(100))


def test_a_seed_draws_the_same_moments_again():
    assert draw(20, seed=7) == draw(20, seed=7)
    assert draw(20, seed=7) != draw(20, seed=8)


def test_when_told_to_stop_no_process_is_left_behind(tmp_path, monkeypatch):
    processes, popen = [], subprocess.Popen

    def noted(*arguments, **keywords):
        processes.append(popen(*arguments, **keywords))
        return processes[-1]

    monkeypatch.setattr(subprocess, "Popen", noted)
    verdict = verify_resume.verify(
        schema.load("digits-cnn"),
        "digits-cnn",
        tmp_path,
        num_kills=1,
        seed=0,
        events=lambda event: None,
        stop=lambda: True,
    )
    assert verdict is None
    [process] = processes
    assert process.returncode is not None


def test_a_training_that_fails_by_itself_is_an_error_with_its_message(tmp_path):
    pytest.importorskip("tensorflow")  # in the process of the training
    with pytest.raises(DlcliError, match="there is no folder /nowhere/at/all") as caught:
        verify_resume.verify(
            schema.load("image-cnn", ["data.source=/nowhere/at/all"]),
            "image-cnn",
            tmp_path,
            num_kills=1,
            seed=0,
            events=lambda event: None,
            stop=lambda: False,
        )
    assert caught.value.exit_code == 3


@pytest.fixture
def verdict(monkeypatch):
    """Make the command come to a verdict without training."""

    def set_differences(*differences):
        kills = (Kill("starting", 0, 1.2), Kill("writing a checkpoint", 214, 9.0))
        compared = (
            Compared("history.csv", 25, "epochs"),
            Compared("optimizer state", 450_069, "values", differences),
        )
        monkeypatch.setattr(
            verify_resume, "verify", lambda *_, **__: Verdict(COURSE, kills, compared)
        )

    return set_differences


def test_equal_is_said_and_exits_with_0(run_cli, verdict):
    verdict()
    result = run_cli("verify-resume", "digits-cnn")
    assert result.code == 0
    assert "Killed 2 times: 1 while starting, 1 while writing a checkpoint." in result.stdout
    assert "450,069 values   equal to the bit" in result.stdout
    assert "Equal to the bit: the training that was killed ended as" in result.stdout


def test_a_difference_is_said_and_exits_with_1(run_cli, verdict):
    verdict("3 of 18 arrays, by 2.4e-05 at most (in optimizer-12)")
    result = run_cli("verify-resume", "digits-cnn")
    assert result.code == 1
    assert "3 of 18 arrays, by 2.4e-05 at most (in optimizer-12)" in result.stdout
    assert "Not equal:" in result.stdout
    assert "Equal to the bit" not in result.stdout


def test_json_holds_the_whole_verdict(run_cli, verdict):
    verdict("one")
    result = run_cli("verify-resume", "digits-cnn", "--json")
    document = json.loads(result.stdout)
    assert result.code == 1
    assert document["schema"] == "dlcli.verify-resume/1"
    assert document["equal"] is False
    assert document["kills"][1] == {"moment": "writing a checkpoint", "step": 214, "seconds": 9.0}
    assert [each["differences"] for each in document["compared"]] == [[], ["one"]]


def test_a_folder_to_keep_is_never_one_that_is_there(run_cli, tmp_path):
    result = run_cli("verify-resume", "digits-cnn", "--keep", tmp_path)
    assert result.code == 2
    assert "cannot be made: File exists." in result.stderr


@pytest.mark.slow
def test_the_command_proves_it_and_leaves_nothing_behind(run_process, tmp_path):
    done = run_process(
        "verify-resume", "digits-cnn", *TINY, "--kills", 3, "--json", TMPDIR=str(tmp_path)
    )
    assert done.code == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["equal"] is True
    assert len(document["kills"]) == 3
    assert document["steps"] == 4 * 21
    assert len(document["compared"]) == 8
    assert list(tmp_path.iterdir()) == []
