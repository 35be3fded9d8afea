"""An output that adds its own files only is judged, compared, listed and reported rightly."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from dlcli import kinds, outputs
from dlcli.evaluation import predictions
from dlcli.evaluation.predictions import Predictions
from dlcli.export import parity
from dlcli.outputs import LOSS, Metric, Output
from dlcli.reporting import comparison, facts, page
from dlcli.runs import results, summary, verdict
from dlcli.runs.run_dir import RunDir

KEPT = Path(__file__).parents[1] / "kept" / "0.1" / "runs" / "image-classification"
TASK, METRIC = "image-tagging", "tag_f1"
OUTPUT = Output(
    "tagging",
    metrics=(Metric(METRIC, "Tag F1", higher_is_better=True, is_share=True), LOSS),
    chooses_epoch=METRIC,
    has_classes=True,
)


class Evaluated(ModuleType):
    """What the output has in `dlcli.evaluation`: the mean over two classes of their F1."""

    @staticmethod
    def from_means(means):
        return {
            METRIC: sum(2 * means[f"right_{each}"] / means[f"named_{each}"] for each in "ab") / 2
        }


class Reported(ModuleType):
    """What the output has in `dlcli.reporting.outputs`."""

    HEADING, WORST, WORST_NOTE = "Labels", "Most wrong", "Labels that <b>are missing</b>."
    PREDICTS, GENERATES, complete = "any of {:,} classes", None, None

    @staticmethod
    def figures(run, kept, test, metadata):
        return {}

    @staticmethod
    def shown(kept, example, metadata):
        return {"truth": "bar, disc", "answer": "disc"}


@pytest.fixture(autouse=True)
def made_up(monkeypatch):
    declared = {**outputs.all_outputs(), OUTPUT.name: OUTPUT}
    tasks = {**kinds.tasks(), TASK: (kinds.for_task("image-classification"), OUTPUT)}
    monkeypatch.setattr(outputs, "all_outputs", lambda: declared)
    monkeypatch.setattr(kinds, "tasks", lambda: tasks)
    for layer, module in (("evaluation", Evaluated), ("reporting.outputs", Reported)):
        name = f"dlcli.{layer}.{OUTPUT.name}"
        monkeypatch.setitem(sys.modules, name, module(name))
    outputs._metrics.cache_clear()
    yield
    outputs._metrics.cache_clear()


def metrics(value: float, baseline: float = 0.0) -> dict:
    """A `metrics.json` without a confusion matrix, as several classes can be right at once."""
    per_class = {"precision": value, "recall": value, "f1": value, "examples": 5}
    return {
        "test": {
            "examples": 10,
            METRIC: value,
            "loss": 0.3,
            "per_class": [{"class": name, **per_class} for name in ("bar", "disc")],
        },
        "validation": {METRIC: value, "loss": 0.4},
        "baselines": [
            {"name": "each class by its share", "examples": 10, METRIC: baseline, "loss": 0.7},
            {"name": "no class", "examples": 10, METRIC: 0.0, "loss": 0.9},
        ],
        "monitor": METRIC,
        "best_epoch": 6,
        "epochs": 6,
    }


def made(folder: Path, value: float, right: int, learning_rate: float = 0.001) -> RunDir:
    """A run whose predictions are right for the first examples."""
    shutil.copytree(KEPT, folder, ignore=shutil.ignore_patterns("*.keras", "exports"))
    run = RunDir(folder)
    for path in (run.metadata, run.environment):
        document = json.loads(path.read_text())
        document["task"] = TASK
        if path == run.metadata:
            document["recipe"]["training"]["learning_rate"] = learning_rate
        path.write_text(json.dumps(document))
    run.metrics.write_text(json.dumps(metrics(value, 0.2)))
    is_right = (np.arange(200) < right).astype(np.float64)
    terms = {f"right_{each}": is_right for each in "ab"}
    terms |= {f"named_{each}": np.full(200, 2.0) for each in "ab"}
    names = [f"{number}.png" for number in range(200)]
    predictions.write(run, Predictions(TASK, names, {}, terms))
    run.predictions.joinpath("worst.json").write_text('[{"position": 3, "name": "3.png"}]')
    return run


def test_a_model_that_is_higher_beats_its_baseline():
    document = metrics(0.9489)
    assert verdict.document(document)["outcome"] == "better"
    assert verdict.sentence(document) == (
        "The model beats its best baseline: Tag F1 94.9 %, where the each class by its share "
        "reaches 0.0 %."
    )
    assert verdict.document(metrics(0.1, 0.9))["outcome"] == "worse"


def test_the_best_baseline_is_the_highest():
    document = metrics(0.5, 0.2)
    assert results.best_baseline(document)["name"] == "each class by its share"
    document["baselines"].reverse()
    assert results.best_baseline(document)["name"] == "each class by its share"


def test_a_ruined_artifact_has_dropped():
    assert parity._drop(METRIC, 0.9, 0.2) == pytest.approx(70)  # points
    assert parity._drop(METRIC, 0.2, 0.9) == pytest.approx(-70)


def test_the_higher_run_is_called_the_better_one(tmp_path):
    low, high = made(tmp_path / "low", 0.5, 100), made(tmp_path / "high", 0.9, 180, 0.01)
    for runs, word in (((low, high), "high is better than low"), ((high, low), "low is worse")):
        document = comparison.compare(runs)
        assert document["refused"] == ""
        [test] = document["tests"]
        assert test["more_than_chance"]
        assert test["method"] == "bootstrap"
        assert test["sentence"].startswith(word)
    assert "Tag F1 -40.00 points" in test["sentence"]


def test_the_highest_run_is_first_in_the_list(tmp_path, run_cli):
    for name, value in (("a", 0.5), ("b", 0.9), ("c", 0.7)):
        made(tmp_path / name, value, 100)
    done = run_cli("runs", "list", "--sort", "metric", "--json", "--runs-dir", tmp_path)
    assert [run["name"] for run in json.loads(done.stdout)["runs"]] == ["b", "c", "a"]
    done = run_cli("runs", "list", "--runs-dir", tmp_path)
    assert "Tag F1" in done.stdout
    assert "90.0 %" in done.stdout
    assert run_cli("runs", "show", "a", "--runs-dir", tmp_path).code == 0


def test_a_report_says_what_its_own_module_says(tmp_path):
    run = made(tmp_path / "run", 0.5, 100)
    found = facts.gather(run)
    assert found["result"]["headline"]["title"] == "Tag F1"
    assert found["result"]["headline"]["interval_text"].endswith(" %")
    assert found["result"]["verdict"]["outcome"] == "better"
    assert ("Predicts", "any of 2 classes") in found["about"]
    assert found["notes"] == []
    html = page.render(run, found)
    assert "<h2>Most wrong</h2>" in html
    assert "Labels that <b>are missing</b>." in html
    assert '<span class="truth">bar, disc</span>, not <span class="answer">disc</span>' in html
    assert 'id="classes"' in html
    assert "Confusion matrix" not in html


def test_a_metric_of_another_version_keeps_its_verdict(tmp_path, run_cli):
    run = made(tmp_path / "newer", 0.5, 100)
    outputs._metrics.cache_clear()
    document = json.loads(run.metrics.read_text().replace(METRIC, "unheard_of"))
    document["verdict"] = {
        "baseline": "each class by its share",
        "outcome": "better",
        "difference": None,
        "interval": None,
    }
    run.metrics.write_text(json.dumps(document))
    assert verdict.sentence(document).startswith("The model beats its best baseline: unheard of")
    assert "each class by its share reaches 0.2" in verdict.sentence(document)
    assert summary.summarize(run).baseline == 0.2
    for command in (("list", "--sort", "metric"), ("show", "newer")):
        done = run_cli("runs", *command, "--runs-dir", tmp_path)
        assert done.code == 0
        assert "0.5000" in done.stdout
