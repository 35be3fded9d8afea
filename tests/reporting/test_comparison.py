"""Runs are compared by what differs, and tested on the same examples only."""

from __future__ import annotations

import dataclasses
import json
import shutil

import numpy as np
import pytest

from dlcli import files
from dlcli.errors import UsageError
from dlcli.evaluation import predictions
from dlcli.reporting import comparison
from dlcli.runs import documents
from dlcli.runs.run_dir import RunDir


@pytest.fixture
def varied(trained_run, tmp_path):
    """Copies of a run with another recipe, answers, seed or data."""

    def make(name, *, keys=(), right=None, names=None, rows=None, fingerprint=None, accuracy=None):
        shutil.copytree(
            trained_run.path,
            tmp_path / name,
            ignore=shutil.ignore_patterns("checkpoints", "*.keras"),
        )
        run = RunDir(tmp_path / name)
        metadata = documents.read_json(run.metadata)
        for key, value in dict(keys).items():
            section, _, inner = key.partition(".")
            metadata["recipe"][section][inner] = value
        files.write_json(run.metadata, metadata)
        kept = predictions.read(run)
        if right is not None:
            kept = dataclasses.replace(
                kept, terms={**kept.terms, "accuracy": np.asarray(right, float)}
            )
        if names is not None:
            kept = dataclasses.replace(kept, names=names)
        if rows is not None:
            kept = dataclasses.replace(kept, rows=rows)
        predictions.write(run, kept)
        if fingerprint:
            environment = documents.read_json(run.environment)
            environment["data"]["fingerprint"] = fingerprint
            files.write_json(run.environment, environment)
        if accuracy is not None:
            metrics = documents.read_json(run.metrics)
            metrics["test"]["accuracy"] = accuracy
            files.write_json(run.metrics, metrics)
        return run

    return make


def right_of(run):
    return predictions.read(run).terms["accuracy"]


def test_what_differs_is_named_and_equal_answers_are_alike(trained_run, varied):
    other = varied("other", keys={"model.dropout": 0.9, "training.epochs": 7})
    document = comparison.compare([trained_run, other])
    assert [row["key"] for row in document["recipe"]] == ["model.dropout", "training.epochs"]
    assert document["recipe"][1]["values"] == [2, 7]
    [test] = document["tests"]
    assert (test["difference"], test["p"], test["more_than_chance"]) == (0, 1, False)
    assert test["sentence"].startswith("other and trained are alike")
    json.dumps(document)


def test_a_clearly_worse_run_is_called_so(trained_run, varied):
    right = right_of(trained_run).copy()
    right[np.flatnonzero(right)[:40]] = 0
    worse = varied("worse", keys={"model.dropout": 0.9}, right=right)
    [test] = comparison.compare([trained_run, worse])["tests"]
    assert test["difference"] == pytest.approx(-40 / 359)
    assert test["p"] < 1e-6
    assert test["sentence"].startswith("worse is worse than trained, more than by chance")
    assert "0 answers that only worse has right, 40 that only trained has" in test["sentence"]
    [test] = comparison.compare([worse, trained_run])["tests"]
    assert test["sentence"].startswith("trained is better than worse")


def test_seeds_of_one_recipe_are_taken_together(trained_run, varied):
    second = varied("second", keys={"training.seed": 1}, accuracy=0.5)
    other = varied("other", keys={"model.dropout": 0.9})
    document = comparison.compare([trained_run, second, other])
    assert [group["runs"] for group in document["groups"]] == [["trained", "second"], ["other"]]
    accuracy = documents.read_json(trained_run.metrics)["test"]["accuracy"]
    group = document["groups"][0]
    assert group["mean"] == pytest.approx((accuracy + 0.5) / 2)
    assert (group["low"], group["high"]) == (0.5, accuracy)
    assert "trained and second: 2 seeds of one recipe" in group["sentence"]
    assert document["tests"][0]["method"] == "bootstrap"
    alone = comparison.compare([trained_run, second])
    assert alone["tests"] == []
    assert "nothing but their seed" in alone["refused"]


def test_other_test_examples_are_not_tested(trained_run, varied):
    changes = {"keys": {"model.dropout": 0.9}}
    other = varied("other", **changes, fingerprint="0000")
    document = comparison.compare([trained_run, other])
    assert document["tests"] == []
    assert (
        "other was tested on other examples than run trained, as their data" in document["refused"]
    )
    cut = varied("cut", **changes, rows="0000")
    assert "cut otherwise" in comparison.compare([trained_run, cut])["refused"]
    names = list(reversed(predictions.read(trained_run).names))
    cut_by_0_1 = varied("cut-by-0.1", **changes, names=names, rows="")
    assert "cut otherwise" in comparison.compare([trained_run, cut_by_0_1])["refused"]
    old = varied("old", **changes)
    shutil.rmtree(old.predictions)
    assert "did not keep its answers" in comparison.compare([trained_run, old])["refused"]


def test_a_renamed_file_has_the_same_examples(trained_run, varied):
    names = [f"renamed {name}" for name in predictions.read(trained_run).names]
    other = varied("other", keys={"model.dropout": 0.9}, names=names)
    document = comparison.compare([trained_run, other])
    assert (document["refused"], len(document["tests"])) == ("", 1)


def test_what_cannot_be_compared_is_refused(trained_run, varied):
    with pytest.raises(UsageError, match="one run is nothing to compare"):
        comparison.compare([trained_run])
    with pytest.raises(UsageError, match="named twice"):
        comparison.compare([trained_run, trained_run])
    stopped = varied("stopped")
    stopped.metrics.unlink()
    with pytest.raises(UsageError, match="stopped is not completed"):
        comparison.compare([trained_run, stopped])
    other = varied("other")
    metadata = documents.read_json(other.metadata)
    changed = {"task": "text-classification", "input": {**metadata["input"], "kind": "text"}}
    files.write_json(other.metadata, {**metadata, **changed})
    with pytest.raises(UsageError, match="of the task text-classification"):
        comparison.compare([trained_run, other])


@pytest.mark.parametrize("suffix", ["png", "svg", "html"])
def test_the_command_writes_what_is_asked_for(run_cli, trained_run, varied, tmp_path, suffix):
    other = varied("<b>other", keys={"model.dropout": 0.9})
    path = tmp_path / f"out.{suffix}"
    result = run_cli("compare", trained_run.path, other.path, "--output", path)
    assert result.code == 0, result.stderr
    assert "model.dropout" in result.stdout
    assert "<b>other and trained are alike" in result.stdout
    content = path.read_bytes()
    assert len(content) > 5000
    if suffix == "html":
        assert b"&lt;b&gt;other" in content
        assert b"<b>other" not in content
    document = json.loads(run_cli("compare", trained_run.path, other.path, "--json").stdout)
    assert document["schema"] == "dlcli.compare/1"


def test_another_kind_of_file_is_refused(run_cli, trained_run, tmp_path):
    result = run_cli("compare", trained_run.path, trained_run.path, "--output", tmp_path / "x.pdf")
    assert result.code == 2
    assert "Expected .png, .svg or .html" in result.stderr
