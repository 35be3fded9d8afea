"""dlcli runs, as a user types it."""

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

HISTORY = """epoch,learning_rate,loss,accuracy,val_loss,val_accuracy
1,0.001,1.5,0.5,1.2,0.6
2,0.001,0.9,0.7,0.8,0.75
"""
NO_RUNS = "There are no runs in runs yet.\n\nNext\n  dlcli train digits-cnn\n"


def lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.splitlines()]


def test_list_of_nothing_says_how_to_begin(run_cli, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = run_cli("runs", "list")
    assert (result.code, result.stdout, result.stderr) == (0, "", NO_RUNS)


def test_list_shows_the_newest_first_and_survives_what_is_missing_or_damaged(run_cli, make_run):
    make_run("digits-cnn-1", hours_old=30)
    stopped = make_run("digits-cnn-2", metrics=None, hours_old=2)
    stopped.history.write_text(HISTORY, encoding="utf-8")
    stopped.checkpoints.mkdir()
    (stopped.checkpoints / "step-1.npz").touch()
    make_run("digits-cnn-3", metrics=None, environment=None, hours_old=0)
    damaged = make_run("digits-cnn-4", hours_old=1000)
    damaged.metrics.write_text('{"test": {"accu', encoding="utf-8")
    strange = make_run("digits-cnn-5", hours_old=999, environment={"recipe": ["x"], "created": 3})
    strange.metrics.write_text(
        '{"test": [], "monitor": "accuracy", "epochs": true, "baselines": [{"accuracy": "high"}]}',
        encoding="utf-8",
    )
    strange.history.write_bytes(b"\xff\x00,,\n\n")
    result = run_cli("runs", "list")
    assert (result.code, result.stderr) == (0, "")
    shown = lines(result.stdout)
    assert shown[:4] == [
        "Run           State        Recipe      Accuracy  Baseline  Validation  Epochs  Created",
        "digits-cnn-3  empty        -                  -         -                   -  just now",
        "digits-cnn-2  interrupted  digits-cnn         -         -  ▁█               2  2 h ago",
        "digits-cnn-1  completed    digits-cnn    98.6 %    55.6 %                  25  1 d ago",
    ]
    assert [line[:77].rstrip() for line in shown[4:]] == [
        "digits-cnn-5  completed    -                  -         -                   -",
        "digits-cnn-4  completed    digits-cnn         -         -                   -",
    ]


def test_a_recipe_has_a_column_only_where_names_do_not_tell_it(run_cli, make_run):
    make_run("digits-cnn-20261121-101500", hours_old=5)
    assert lines(run_cli("runs", "list").stdout)[0] == (
        "Run                         State      Accuracy  Baseline  Epochs  Created"
    )
    make_run("第一次", hours_old=3)
    assert lines(run_cli("runs", "list").stdout) == [
        "Run                         State      Recipe      Accuracy  Baseline  Epochs  Created",
        "第一次                      completed  digits-cnn    98.6 %    55.6 %      25  3 h ago",
        "digits-cnn-20261121-101500  completed  digits-cnn    98.6 %    55.6 %      25  5 h ago",
    ]


def test_a_name_stays_whole_on_a_narrow_terminal(run_cli, make_run, metrics, monkeypatch):
    name = "mnist-cnn-20261121-184438"
    make_run(name, metrics=metrics, hours_old=1)
    make_run("other", metrics=metrics, hours_old=2)
    monkeypatch.setenv("COLUMNS", "80")
    first = lines(run_cli("runs", "list").stdout)[1]
    assert first.startswith(f"{name}  completed  ")


def test_a_curve_gives_way_to_a_name(run_cli, make_run, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    make_run("short").history.write_text(HISTORY, encoding="utf-8")
    assert "Validation" in lines(run_cli("runs", "list").stdout)[0]
    name = "a-run-with-a-long-name-to-be-copied"
    make_run(name)
    shown = lines(run_cli("runs", "list").stdout)
    assert "Validation" not in shown[0]
    assert any(line.startswith(f"{name}  completed") for line in shown)


def test_list_sorts_by_metric_and_by_name(run_cli, make_run, metrics):
    for name, accuracy, hours in (("b", 0.9, 1), ("c", 0.99, 3), ("a", 0.8, 2)):
        test = {**metrics["test"], "accuracy": accuracy}
        make_run(name, metrics={**metrics, "test": test}, hours_old=hours)
    error = {"monitor": "mean_absolute_error", "test": {"mean_absolute_error": 2.5}}
    make_run("d", metrics=error, hours_old=4)
    make_run("e", metrics={**error, "test": {"mean_absolute_error": 1.5}}, hours_old=5)
    make_run("f", metrics=None, hours_old=6)

    def order(*arguments: str) -> str:
        document = json.loads(run_cli("runs", "list", "--json", *arguments).stdout)
        return "".join(run["name"] for run in document["runs"])

    assert order() == order("--sort", "created") == "bacdef"
    assert order("--sort", "name") == "abcdef"
    assert order("--sort", "metric") == "cbaedf"
    assert lines(run_cli("runs", "list", "--sort", "metric").stdout)[3:5] == [
        "a    completed  digits-cnn             Accuracy 80.0 %    55.6 %      25  2 h ago",
        "e    completed  digits-cnn  Mean absolute error 1.5000         -       -  5 h ago",
    ]


def test_list_as_json(run_cli, make_run):
    run = make_run("mine")
    result = run_cli("runs", "list", "--json")
    document = json.loads(result.stdout)
    created = document["runs"][0].pop("created")
    assert created == json.loads(run.environment.read_text("utf-8"))["created"]
    assert (result.code, result.stderr) == (0, "")
    assert document == {
        "schema": "dlcli.runs-list/1",
        "folder": "runs",
        "runs": [
            {
                "name": "mine",
                "path": "runs/mine",
                "state": "completed",
                "recipe": "digits-cnn",
                "task": "image-classification",
                "monitor": "accuracy",
                "test": 0.9861,
                "baseline": 0.5556,
                "epochs": 25,
                "validation": [],
            }
        ],
    }


def test_list_reads_the_folder_that_is_given(run_cli, make_run, monkeypatch):
    make_run("mine")
    Path("runs").rename("elsewhere")
    assert "mine" in run_cli("runs", "list", "--runs-dir", "elsewhere").stdout
    monkeypatch.setenv("DLCLI_RUNS_DIR", "elsewhere")
    assert "mine" in run_cli("runs", "list").stdout


def test_show_tells_what_was_trained_on_what_and_what_came_out(run_cli, make_run):
    make_run("mine", hours_old=72)
    result = run_cli("runs", "show", "mine")
    text = re.sub(r"20\d\d-\d\d-\d\d \d\d:\d\d", "YYYY-MM-DD HH:MM", result.stdout)
    assert lines(re.sub(r"\(\d+ (bytes|kB)\)", "(SIZE)", text)) == [
        "mine  completed",
        "Task      image-classification",
        "Recipe    digits-cnn",
        "Data      digits",
        "Examples  1,293 train, 144 validation, 360 test",
        "Model     206,922 weights",
        "Trained   25 epochs in 12.3 s on CPU (2 cores); the best was epoch 12",
        "Seed      0",
        "Created   YYYY-MM-DD HH:MM UTC, 3 d ago",
        "Versions  dlcli 0.1.0, python 3.12.1, tensorflow 2.21.0, keras 3.15.1",
        "Command   dlcli train digits-cnn 'model.filters=[16, 32]'",
        "",
        "             Test   Validation   Baseline (majority class)",
        "──────────────────────────────────────────────────────────",
        "Accuracy   98.6 %       97.9 %                      55.6 %",
        "Loss       0.0512       0.0600                           -",
        "Examples      360",
        "",
        "The model beats its baseline: accuracy 98.6 %, where the majority class reaches 55.6 %.",
        "",
        "Class   Precision    Recall       F1   Examples   Mistaken for",
        "──────────────────────────────────────────────────────────────",
        "狗         97.0 %   100.0 %   98.5 %        160",
        "cat       100.0 %    97.5 %   98.7 %        200   狗 (5)",
        "",
        "Lowest F1 first.",
        "",
        "True \\ taken for  cat    狗",
        "cat               195     5",
        "狗                  ·   160",
        "",
        "Files in runs/mine (SIZE)",
        "  recipe.yaml       the recipe with every default; training it repeats the run",
        "  environment.json  versions, device, seed and data of the run",
        "  metrics.json      the results",
    ]
    assert (result.code, result.stderr) == (
        0,
        "\nNext\n  dlcli report mine --open\n  dlcli evaluate mine\n"
        "  dlcli predict mine --split test --limit 5\n"
        "  dlcli explain mine --mistakes --limit 5\n"
        "  dlcli export mine --format keras,saved-model,tflite\n  dlcli tensorboard mine\n",
    )


@pytest.mark.parametrize(("columns", "side_by_side"), [(80, True), (60, False)])
def test_show_draws_the_curves_without_colour(
    run_cli, make_run, monkeypatch, columns, side_by_side
):
    monkeypatch.setenv("COLUMNS", str(columns))
    make_run("mine").history.write_text(HISTORY, encoding="utf-8")
    shown = lines(run_cli("runs", "show", "mine").stdout)
    headings = [line for line in shown if line.startswith("Loss ")] + [
        line for line in shown if line == "Loss"
    ]
    assert ("Accuracy" in headings[0]) == side_by_side
    top = next(line for line in shown if line.startswith("1.5000 ┤"))
    assert top.startswith("1.5000 ┤·")
    assert max(map(len, shown[shown.index(headings[0]) :][:12])) <= columns
    assert "· train   o validation   ● both   ^ best epoch" in shown


def test_many_classes_are_shown_by_their_commonest_mistakes(run_cli, make_run, metrics):
    names = [f"class {number}" for number in range(20)]
    confusion = [[10 if row == column else 0 for column in range(20)] for row in range(20)]
    confusion[3][7], confusion[5][0] = 4, 2
    per_class = [
        {"class": name, "precision": 1.0, "recall": 1.0, "f1": 1.0, "examples": 10}
        for name in names
    ]
    test = {**metrics["test"], "per_class": per_class, "confusion": confusion}
    make_run("mine", metrics={**metrics, "test": test})
    shown = lines(run_cli("runs", "show", "mine").stdout)
    place = next(n for n, line in enumerate(shown) if line.startswith("True class"))
    assert [line.split() for line in shown[place + 2 : place + 4]] == [
        ["class", "3", "class", "7", "4", "28.6", "%"],
        ["class", "5", "class", "0", "2", "16.7", "%"],
    ]
    assert "The 2 commonest of 2 kinds of mistakes (6 examples)." in shown


def test_show_of_a_run_that_was_stopped_says_how_to_go_on(run_cli, make_run):
    run = make_run("my run", metrics=None)
    run.checkpoints.mkdir()
    (run.checkpoints / "step-1.npz").touch()
    run.history.write_text(HISTORY, encoding="utf-8")
    result = run_cli("runs", "show", "my run")
    assert lines(result.stdout)[0] == "my run  interrupted"
    assert "Trained   2 epochs on CPU (2 cores)" in lines(result.stdout)
    assert result.stderr == (
        "\nNext\n  dlcli train --resume 'my run'\n  dlcli runs remove 'my run'\n"
    )


def test_show_of_a_damaged_run_says_so(run_cli, make_run):
    run = make_run("mine", environment={})
    run.metrics.write_text("{", encoding="utf-8")
    result = run_cli("runs", "show", "latest", "--runs-dir", "runs")
    assert result.code == 0
    assert "metrics.json is damaged: " in result.stdout
    assert "dlcli evaluate mine\n" in result.stderr


def test_show_tells_of_a_report_that_was_not_written(run_cli, make_run):
    run = make_run("mine")
    run.plots.mkdir()
    told = "Warning: the training ended without its report. Write it: dlcli report mine\n"
    assert told in run_cli("runs", "show", "mine").stderr
    run.report.write_text("")
    assert told not in run_cli("runs", "show", "mine").stderr


def test_show_as_json(run_cli, make_run, environment, metrics):
    run = make_run("mine")
    document = json.loads(run_cli("runs", "show", "mine", "--json").stdout)
    assert document["schema"] == "dlcli.runs-show/1"
    assert document["environment"] == {**environment, "created": document["created"]}
    assert document["metrics"] == metrics
    assert document["bytes"] == run.size()
    assert list(document["files"]) == ["recipe.yaml", "environment.json", "metrics.json"]


def test_a_run_that_does_not_exist_is_named(run_cli, make_run):
    make_run("mine")
    for command in ("show", "remove"):
        result = run_cli("runs", command, "mien")
        assert (result.code, result.stdout, result.stderr) == (
            2,
            "",
            "Error: there is no run 'mien' in runs, nor at that path. Did you mean 'mine'?\n"
            "List the runs: dlcli runs list\n",
        )


def test_remove_takes_each_run_once(run_cli, make_run):
    make_run("a"), make_run("b"), make_run("c")
    result = run_cli("runs", "remove", "a", "runs/b", "a", "--yes")
    assert result.code == 0
    assert result.stdout.startswith("Removed 2 runs, ")
    assert [path.name for path in Path("runs").iterdir()] == ["c"]
    result = run_cli("runs", "remove", "c", "--yes", "--json")
    assert json.loads(result.stdout) == {"schema": "dlcli.runs-remove/1", "removed": ["runs/c"]}


@pytest.mark.parametrize("option", ["", "--json"])
def test_remove_is_refused_where_nobody_can_be_asked(run_process, make_run, option):
    make_run("mine")
    result = run_process("runs", "remove", "mine", *filter(None, [option]))
    assert result.code == 2
    assert "nothing was removed, as nobody can be asked here." in result.stdout + result.stderr
    assert Path("runs", "mine", "metrics.json").exists()


def test_nothing_is_removed_when_one_of_the_runs_is_busy(run_cli, make_run):
    make_run("a")
    busy = make_run("b")
    with busy.locked():
        result = run_cli("runs", "remove", "a", "b", "--yes")
    assert result.code == 6
    assert result.stdout == ""
    assert f"run b is being written by process {os.getpid()} on host" in result.stderr
    assert Path("runs", "a", "metrics.json").exists()


@pytest.mark.parametrize(
    ("answer", "code", "said", "left"),
    [("y", 0, "Removed run mine", []), ("n", 1, "Nothing was removed.", ["mine"])],
)
def test_remove_asks_on_a_terminal(make_run, answer, code, said, left):
    make_run("mine")
    here, terminal = pty.openpty()
    repository = str(Path(__file__).parents[2])
    process = subprocess.Popen(
        [sys.executable, "-m", "dlcli", "runs", "remove", "mine"],
        stdin=terminal,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "PYTHONPATH": repository},
    )
    os.write(here, f"{answer}\n".encode())
    output = process.communicate(timeout=60)[0].decode()
    os.close(here), os.close(terminal)
    assert "Remove run mine (" in output
    assert said in output
    assert process.returncode == code
    assert [path.name for path in Path("runs").iterdir()] == left
