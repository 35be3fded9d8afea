"""dlcli launch, as a user types it."""

import functools
import json
import os
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from dlcli.cli.screens.launch import LaunchScreen
from dlcli.launch import local

FAKE = Path(__file__).parents[1] / "launch" / "fake_worker.py"


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("digits-cnn",), "it is not said where to run."),
        (("digits-cnn", "--local", "--slurm"), "--local and --slurm are given."),
        (("--local",), "no recipe is given."),
        (("digits-cn", "--slurm"), "Did you mean 'digits-cnn'?"),
        (("digits-cnn", "training.epoch=3", "--kubernetes"), "Similar: epochs (default 10)"),
        (("digits-cnn", "--workers", "0", "--local"), "0 is not in the range"),
        (("digits-cnn", "--workers", "1000", "--local"), "--workers is 1000, and each is a whole"),
        (("image-cnn", "--slurm"), "image-cnn has no data of its own."),
        (("digits-cnn", "--name", "a/b", "--slurm"), "'a/b' cannot name a run."),
        (("digits-cnn", "--name", "a/b", "--local"), "'a/b' cannot name a run."),
        (("--resume", "mine", "--slurm"), "--resume is given with --slurm."),
        (("--resume", "mine", "--local"), "there is no run 'mine'"),
        (("digits-cnn", "--resume", "mine", "--local"), "--resume takes no recipe"),
        (("digits-cnn", "--allow-changed", "--local"), "--allow-changed is given without --resume"),
        (("digits-cnn", "--slurm", "--time", "24h"), "--time is '24h'"),
        (("digits-cnn", "--kubernetes", "--image", "a b"), "--image is 'a b'"),
        (("digits-cnn", "--slurm", "-o", "no/such/folder"), "no/such/folder cannot be written"),
    ],
)
def test_a_mistake_ends_in_a_sentence(run_cli, arguments, message):
    result = run_cli("launch", *arguments)
    assert (result.code, result.stdout) == (2, "")
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_a_script_is_printed_or_written_and_what_to_type_next_is_said(run_cli, tmp_path):
    arguments = ("launch", "digits-cnn", "--slurm", "--workers", "4", "--name", "mine")
    printed = run_cli(*arguments)
    assert (printed.code, printed.stderr) == (0, "")
    assert printed.stdout.startswith("#!/bin/bash\n")
    written = run_cli(*arguments, "--output", "job.sbatch")
    assert (written.code, written.stdout) == (0, "job.sbatch\n")
    assert "  sbatch job.sbatch\n" in written.stderr
    text = (tmp_path / "job.sbatch").read_text()
    assert text == printed.stdout.replace("sbatch mine.sbatch", "sbatch job.sbatch")
    assert "#SBATCH --nodes=4\n" in text


def test_a_file_that_exists_is_replaced_only_by_force(run_cli, tmp_path):
    script = tmp_path / "job.sbatch"
    script.write_text("mine\n")
    arguments = ("launch", "digits-cnn", "--slurm", "--output", script)
    refused = run_cli(*arguments)
    assert (refused.code, script.read_text()) == (2, "mine\n")
    assert "job.sbatch exists already." in refused.stderr
    assert run_cli(*arguments, "--force").code == 0
    assert script.read_text().startswith("#!/bin/bash\n")


def test_manifests_are_printed_or_written_and_what_to_type_next_is_said(run_cli, tmp_path):
    arguments = ("launch", "image-cnn", "--data", "photos", "--kubernetes", "--name", "mine")
    written = run_cli(*arguments, "--output", "job.yaml", "--memory", "16G", "--claim", "team")
    assert (written.code, written.stdout) == (0, "job.yaml\n")
    assert "  kubectl apply -f job.yaml\n" in written.stderr
    documents = list(yaml.safe_load_all((tmp_path / "job.yaml").read_text()))
    for document in documents:
        kubernetes_validate.validate(document, kubernetes_validate.latest_version(), strict=True)
    (container,) = documents[-1]["spec"]["template"]["spec"]["containers"]
    assert container["args"] == [
        *("train", "image-cnn", "--data", "photos", "--name", "mine", "--go-on")
    ]
    assert container["resources"]["limits"]["memory"] == "16Gi"


def test_json_holds_the_text_or_names_its_file(run_cli):
    arguments = ("launch", "digits-cnn", "--slurm", "--name", "mine", "--json")
    document = json.loads(run_cli(*arguments).stdout)
    about = {"schema": "dlcli.launch/1", "run": "mine", "workers": 2, "place": "slurm"}
    assert {**about, "text": document["text"]} == document
    written = run_cli(*arguments, "--output", "job.sbatch")
    assert json.loads(written.stdout) == {**about, "path": "job.sbatch"}
    assert written.stderr == ""


def test_a_recipe_whose_data_is_beside_it_needs_a_place_on_the_volume(run_cli, tmp_path):
    (tmp_path / "mine.yaml").write_text(
        "task: image-classification\ndata: {source: ./photos}\nmodel: {family: cnn}\n"
    )
    arguments = ("launch", "mine.yaml", "--kubernetes")
    refused = run_cli(*arguments, "training.epochs=3")
    assert refused.code == 2
    assert "mine.yaml names its data relative to its own folder" in refused.stderr
    accepted = run_cli(*arguments, "training.epochs=3", "--data", "/workspace/photos")
    assert (accepted.code, accepted.stderr) == (0, "")
    assert "/recipes/mine.yaml" in accepted.stdout
    assert "data: {source: ./photos}" in accepted.stdout


def test_data_that_is_here_but_perhaps_not_on_the_volume_is_told_of(run_cli, tmp_path):
    (tmp_path / "photos").mkdir()
    result = run_cli("launch", "image-cnn", "--data", "photos", "--kubernetes")
    assert result.code == 0
    assert "only when it is on the volume" in result.stderr
    assert yaml.safe_load_all(result.stdout)


@pytest.fixture
def fake_workers(tmp_path, monkeypatch):
    """Let the workers be fakes that do what is given; their log is in the returned folder."""
    path = os.pathsep.join([str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")])
    monkeypatch.setenv("PYTHONPATH", path)
    (tmp_path / "starter.py").write_text(
        f"import os, sys\nos.execv(sys.executable, [sys.executable, {str(FAKE)!r}, sys.argv[1], "
        f"{str(tmp_path)!r}, *sys.argv[2:]])\n"
    )
    monkeypatch.setattr(
        local, "Workers", functools.partial(local.Workers, program=(str(tmp_path / "starter.py"),))
    )

    def act(*starts):
        (tmp_path / "script.json").write_text(json.dumps(starts))
        return tmp_path

    return act


def test_worker_0_shows_its_own_screen(fake_workers, run_process):
    folder = fake_workers(["exit 0", "exit 0"])
    code = (
        "import functools, sys\n"
        "from dlcli.launch import local\n"
        "local.Workers = functools.partial(local.Workers, program=('starter.py',))\n"
        "from dlcli.__main__ import run\n"
        "run()\n"
    )
    result = run_process("launch", "digits-cnn", "--local", python=("-c", code))
    assert (result.code, result.stdout) == (0, "result of worker 0\n")
    assert "Error: of 0\n" in result.stderr
    assert (folder / "worker-1.jsonl").exists()


def test_local_workers_run_one_command_and_a_lost_one_is_told_of(run_cli, fake_workers):
    folder = fake_workers(["exit 75", "kill"], ["exit 0", "exit 0"])
    result = run_cli("launch", "digits-cnn", "training.epochs=2", "--local", "--name", "mine")
    assert result.code == 0
    first = json.loads((folder / "worker-0.jsonl").read_text().splitlines()[0])
    assert first["arguments"][1:] == [
        *("train", "digits-cnn", "training.epochs=2", "--name", "mine", "--go-on")
    ]
    assert "mine on this machine, worker 0: process " in result.stderr
    assert "worker 1: Warning: of all\n" in result.stderr
    assert "worker 1 was killed (SIGKILL): starting all again (1 of 10)." in result.stderr
    assert "Error: of 1" not in result.stderr  # it is told of, and mended


def test_a_reason_to_fail_is_shown_once_with_the_worker_that_has_it(run_cli, fake_workers):
    fake_workers(["exit 75", "exit 3", "exit 75"])
    result = run_cli("launch", "digits-cnn", "--local", "--workers", "3")
    assert result.code == 3
    assert "worker 1: Error: of 1\n" in result.stderr
    assert "Error: of 2" not in result.stderr
    assert result.stderr.count("Warning: of all") == 1


def test_workers_that_are_lost_too_often_end_in_75_and_how_to_go_on(run_cli, fake_workers):
    fake_workers(["exit 75", "exit 75"])
    result = run_cli("launch", "digits-cnn", "--local", "--name", "mine", "--max-restarts", "1")
    assert result.code == 75
    assert "a worker was lost once more after 1 restarts" in result.stderr
    assert "Go on with the run: dlcli launch --resume mine --workers 2 --local" in result.stderr


def test_a_stopped_training_says_how_all_workers_go_on(run_cli, tmp_path, monkeypatch, make_run):
    run = make_run("mine", metrics=None)
    given = []

    def ended(workers, **options):
        given.append(workers)
        return local.Ended(130, 0, 0, "")

    monkeypatch.setattr(local, "run", ended)
    result = run_cli("launch", "--resume", "mine", "training.epochs=9", "--local", "--workers", "3")
    assert (result.code, result.stderr) == (130, "All workers have stopped.\n")
    (workers,) = given
    assert workers.arguments == ("train", "--resume", "mine", "training.epochs=9")
    assert workers.environ["DLCLI_RESUME_COMMAND"] == (
        "dlcli launch --resume mine --workers 3 --local"
    )
    stopped = run_cli("launch", "--resume", run.path.resolve(), "--local", "--json")
    assert json.loads(stopped.stdout)["error"]["hint"].startswith("Go on with it: dlcli launch")
    assert given[1].environ["DLCLI_RESUME_COMMAND"] == (
        "dlcli launch --resume mine --workers 2 --local"
    )
    elsewhere = run.path.parent.rename("my runs").resolve() / "mine"
    run_cli("launch", "--resume", "mine", "--local", "--runs-dir", elsewhere.parent)
    assert f"--resume '{elsewhere}' " in given[2].environ["DLCLI_RESUME_COMMAND"]


def test_workers_that_were_stopped_say_it_once(stderr_as):
    """Worker 0 says it on its own screen."""
    terminal = stderr_as(is_terminal=True)
    screen = LaunchScreen("mine", max_restarts=0, quiet=False)
    for line in (
        "Warning: slow",
        "Training was stopped; its state is saved in runs/mine.",
        "Go on with it: dlcli launch --resume mine",
    ):
        screen.show(local.Said(1, line))
    screen.end(local.Ended(130, 0, 0, ""))
    assert "Warning: slow" in terminal.getvalue()
    assert "stopped" not in terminal.getvalue()
    assert "Go on" not in terminal.getvalue()


def test_json_of_local_workers_is_the_answer_of_worker_0_and_the_restarts(run_cli, monkeypatch):
    answer = json.dumps({"schema": "dlcli.train/1", "run": "runs/mine", "test": {"loss": 0.5}})
    ended = iter([local.Ended(0, 0, 1, answer), local.Ended(3, 0, 0, '{"error": {}}\n')])
    monkeypatch.setattr(local, "run", lambda workers, **options: next(ended))
    done = run_cli("launch", "digits-cnn", "--local", "--json")
    assert json.loads(done.stdout) == {
        "schema": "dlcli.launch/1",
        "run": "runs/mine",
        "workers": 2,
        "place": "local",
        "restarts": 1,
        "test": {"loss": 0.5},
    }
    failed = run_cli("launch", "digits-cnn", "--local", "--json")
    assert (failed.code, failed.stdout) == (3, '{"error": {}}\n')


def test_json_names_a_worker_other_than_worker_0_that_ended_the_job(run_cli, fake_workers):
    fake_workers(["exit 75", "exit 3"])
    result = run_cli("launch", "digits-cnn", "--local", "--json")
    assert result.code == 3
    assert json.loads(result.stdout)["error"]["message"] == "worker 1 ended with exit code 3."
    assert "worker 1: Error: of 1\n" in result.stderr
