"""dlcli train, as a user types it."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

TINY = ("digits-cnn", "training.epochs=1", "model.filters=[4]", "model.dense_units=[8]")


def test_a_training_ends_with_its_figures_and_what_to_type_next(run_cli, tmp_path):
    result = run_cli("train", *TINY, "--runs-dir", tmp_path, "--name", "mine")
    assert result.code == 0
    assert "1,294 train, 144 validation, 359 test examples" in result.stderr
    assert "epoch 1/1  loss " in result.stderr
    assert "Baseline (majority class)" in result.stdout
    assert "Precision" in result.stdout
    assert f"  dlcli evaluate {tmp_path}/mine\n" in result.stderr


def test_json_is_one_document_and_nothing_else(run_cli, tmp_path):
    result = run_cli("train", *TINY, "--runs-dir", tmp_path, "--name", "mine", "--json")
    document = json.loads(result.stdout)
    assert document["schema"] == "dlcli.train/1"
    assert document["run"] == str(tmp_path / "mine")
    assert document["test"]["examples"] == 359
    assert result.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ((), 2, "no recipe is given."),
        (("digits-cn",), 2, "Did you mean 'digits-cnn'?"),
        (("digits-cnn", "mnist-cnn"), 2, "'mnist-cnn' is neither an override (key=value) nor the"),
        (("digits-cnn", "training.epoch=3"), 2, "Similar: epochs (default 10)"),
        (("digits-cnn", "--data", "x", "data.source=y"), 2, "both --data and data.source="),
        (("rows.csv",), 2, "dlcli train RECIPE --data rows.csv"),
        (("table-mlp", "rows.csv"), 2, "If it is the data, write --data rows.csv\n"),
        (("table-mlp", "--data", "my", "rows.csv"), 2, "a path with spaces: --data 'my rows.csv'"),
        (("--data", "my", "rows.csv", "table-mlp"), 2, "a path with spaces: --data 'my rows.csv'"),
        (("table-mlp", "--data", "https://a.b/x.csv"), 2, "the address https://a.b/x.csv."),
        (("iris-mlp", "--lr", "0.1"), 2, "without dashes: training.learning_rate=0.1\n"),
        (("iris-mlp", "--resume"), 2, "See: dlcli train --help\n"),
        (("iris-mlp", "model.activation=ReLU"), 2, "Did you mean 'relu'?"),
        (("image-cnn",), 2, "this recipe has no data of its own."),
        (("image-cnn", "--data", "digitz"), 2, "unknown data source 'digitz'"),
        (("image-cnn", "--data", "./nowhere"), 3, "there is no folder"),
        (("digits-cnn", "--name", "a/b"), 2, "'a/b' cannot name a run."),
        (("--resume", "nothing"), 2, "there is no run 'nothing'"),
        (("digits-cnn", "--resume", "x"), 2, "--resume takes no recipe"),
        (("digits-cnn", "--go-on"), 2, "--go-on is given without --name."),
        (("--resume", "x", "--go-on"), 2, "both --resume and --go-on are given."),
        (("digits-cnn", "training.learning_rate=1e30", *TINY[1:]), 5, "the loss became"),
    ],
)
def test_a_mistake_ends_in_a_sentence_and_leaves_no_completed_run(
    run_cli, tmp_path, monkeypatch, arguments, code, message
):
    monkeypatch.chdir(tmp_path)
    for name in ("rows.csv", "my rows.csv"):
        Path(name).write_text("a,b\n1,2\n")
    result = run_cli("train", *arguments)
    assert (result.code, result.stdout) == (code, "")
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert not list(tmp_path.glob("runs/*/metrics.json"))


def test_a_name_that_is_taken_is_refused_and_the_run_stays_whole(run_cli, trained_run):
    before = trained_run.metrics.read_bytes()
    result = run_cli("train", *TINY, "--runs-dir", trained_run.path.parent, "--name", "trained")
    assert result.code == 2
    assert "a run named 'trained' is in" in result.stderr
    assert trained_run.metrics.read_bytes() == before


def test_the_same_command_starts_a_run_and_goes_on_with_it(run_cli, tmp_path):
    command = ("train", *TINY, "--runs-dir", tmp_path, "--name", "job", "--go-on", "--json")
    first = run_cli(*command, "training.precision=auto")
    assert first.code == 0
    model = (tmp_path / "job" / "model.keras").stat().st_mtime_ns
    again = run_cli(*command, "training.precision=auto")
    assert (again.code, again.stdout) == (0, first.stdout)
    assert (tmp_path / "job" / "model.keras").stat().st_mtime_ns == model
    changed = run_cli(*command, "training.epochs=2")
    assert (changed.code, "can no longer be changed" in changed.stdout) == (2, True)
    other = run_cli("train", "mnist-cnn", *command[2:])
    assert (other.code, "run job trains the recipe digits-cnn, not" in other.stdout) == (2, True)


def test_a_runs_folder_that_cannot_be_made_is_an_error(run_cli, tmp_path):
    (tmp_path / "file").touch()
    result = run_cli("train", *TINY, "--runs-dir", tmp_path / "file" / "runs")
    assert result.code == 1
    assert "the runs folder" in result.stderr
    assert "Give another one with --runs-dir." in result.stderr


def test_a_full_disk_is_an_error_and_a_half_model_is_not_left(run_cli, tmp_path, monkeypatch):
    from dlcli.export import keras_file

    def full(model, document, path):
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(keras_file, "write", full)
    result = run_cli("train", *TINY, "--runs-dir", tmp_path, "--name", "mine")
    assert result.code == 1
    assert "the disk is full" in result.stderr
    assert not list((tmp_path / "mine").glob("*.keras"))
    monkeypatch.undo()

    result = run_cli("train", "--resume", tmp_path / "mine")
    assert result.code == 0


@pytest.mark.slow
def test_names_in_any_script_work(run_cli, tmp_path):
    from PIL import Image

    for index in range(8):
        for name, color in (("猫", 30), ("собака ✓", 220)):
            folder = tmp_path / "图片" / name
            folder.mkdir(parents=True, exist_ok=True)
            Image.new("L", (9, 9), color + index).save(folder / f"{index} ü.png")
    overrides = ("training.epochs=2", "preprocessing.image_size=[8, 8]", "model.filters=[4]")
    places = ("--data", tmp_path / "图片", "--runs-dir", tmp_path / "ラン", "--name", "名前")
    result = run_cli("train", "image-cnn", *overrides, *places)
    assert result.code == 0
    assert "собака ✓" in result.stdout
    assert (tmp_path / "ラン" / "名前" / "plots" / "confusion.png").stat().st_size > 5000
    image = tmp_path / "图片" / "猫" / "0 ü.png"
    result = run_cli("predict", tmp_path / "ラン" / "名前", image, "--format", "csv")
    assert result.code == 0
    assert result.stdout.splitlines()[1].startswith(f"{image},")


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_saves_the_state_and_says_how_to_go_on(run_process, tmp_path, number, code):
    command = [sys.executable, "-m", "dlcli", "train", "digits-cnn", "training.epochs=1000"]
    process = subprocess.Popen(
        [*command, "--runs-dir", str(tmp_path), "--name", "run"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 120
    while not (tmp_path / "run" / "history.csv").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    process.send_signal(number)
    stdout, stderr = process.communicate(timeout=60)
    assert (process.returncode, stdout) == (code, "")
    assert f"Training was stopped; its state is saved in {tmp_path}/run." in stderr
    assert f"dlcli train --resume {tmp_path}/run" in stderr
    assert list((tmp_path / "run" / "checkpoints").glob("step-*.npz"))


@pytest.mark.slow
def test_no_line_of_tensorflow_reaches_the_terminal_unless_asked(run_process, tmp_path):
    command = ("train", *TINY, "--runs-dir", tmp_path, "--quiet")
    quiet = run_process(*command, TF_CPP_MIN_LOG_LEVEL="0")
    assert quiet.code == 0
    assert quiet.stderr.splitlines()[:2] == ["", "Next"]
    loud = run_process(*command, "--debug", TF_CPP_MIN_LOG_LEVEL="0")
    assert "oneDNN" in loud.stderr


def test_a_disk_that_is_full_from_the_start_is_named(run_cli, tmp_path, monkeypatch):
    import os

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    result = run_cli("train", *TINY, "--runs-dir", tmp_path, "--name", "mine")
    assert result.code == 1
    told = f"the runs folder {tmp_path} cannot be written: No space left on device."
    assert told in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_profile_is_printed_and_is_in_the_document(run_cli, tmp_path):
    result = run_cli("train", *TINY, "--runs-dir", tmp_path, "--name", "a", "--profile")
    assert result.code == 0
    assert "Where the time went" in result.stdout
    assert "the input pipeline" in result.stdout
    assert "21 steps, " in result.stdout
    result = run_cli("train", "--resume", tmp_path / "a", "--profile", "--json")
    assert json.loads(result.stdout)["profile"]["steps"] == 21


def test_a_runs_folder_that_cannot_be_written_is_told_at_once(run_cli, tmp_path):
    (tmp_path / "runs").touch()
    result = run_cli("train", *TINY, "--runs-dir", tmp_path / "runs")
    assert (result.code, result.stdout) == (1, "")
    assert result.stderr == (
        f"Error: the runs folder {tmp_path / 'runs'} cannot be written: Not a directory.\n"
        "Give another one with --runs-dir.\n"
    )
