"""The JSON files of a run: those of every task are read, and edited ones are told in a sentence."""

import json
import random
import re
import shutil
from pathlib import Path

import pytest

from dlcli import json_checks, kinds
from dlcli.artifacts import metadata as artifact_metadata
from dlcli.cli import app
from dlcli.cli.screens import output
from dlcli.errors import DlcliError
from dlcli.runs import documents
from dlcli.runs.run_dir import RunDir

KEPT = Path(__file__).parents[1] / "kept" / "0.1" / "runs"
TASKS = sorted(path.name for path in KEPT.iterdir())
WRONG = (None, "x", [], {}, True, -1, 10**30, 0.5, [1, "a", None], {"a": 1}, float("nan"), "")


def places(value, place=()):
    """Where something stands in a document."""
    yield place
    if isinstance(value, dict):
        for name, each in value.items():
            yield from places(each, (*place, name))
    elif isinstance(value, list):
        for index, each in enumerate(value[:2]):
            yield from places(each, (*place, index))


def edited(document, place, value, delete):
    """The document with something else, or nothing, in a place."""
    if not place:
        return value
    document = json.loads(json.dumps(document))
    node = document
    for name in place[:-1]:
        node = node[name]
    if delete:
        node.pop(place[-1])
    else:
        node[place[-1]] = value
    return document


@pytest.mark.parametrize("task", TASKS)
def test_the_files_of_every_task_are_read(task):
    run = RunDir(KEPT / task)
    assert documents.metrics(run)["monitor"]
    assert artifact_metadata.of_run(run)["task"] == task
    assert documents.environment(run)["task"] == task
    for path in run.predictions.glob("worst.json"):
        assert isinstance(documents.worst(path), list)
    exports = [documents.export(path) for path in run.exports.glob("*.json")]
    assert all(each["bytes"] > 0 for each in exports)


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        ((), [], r"metrics.json is damaged: it is \[\]. Expected an object"),
        (("test",), None, "'test' is null. Expected an object"),
        (("test", "accuracy"), "good", "'test.accuracy' is \"good\". Expected a number"),
        (("test", "accuracy"), None, "it is \"accuracy\". Expected the name of a metric of 'test'"),
        (("baselines", 0, "name"), 1, "'baselines.0.name' is 1. Expected a text"),
        (("test", "per_class", 1, "examples"), -1, "'test.per_class.1.examples' is -1"),
        (("test", "confusion"), [[1]], "'test.confusion' is .* Expected a list of 2"),
        (("test", "confusion"), [], "'test.confusion' is .* Expected a list of 2"),
        (("test", "confusion", 1), [1], "'test.confusion.1' is .* Expected a list of 2"),
        (
            ("test", "confusion_counts"),
            [[1, 10, 5]],
            "'test.confusion_counts.0' is 10. Expected the place",
        ),
        (("best_epoch",), True, "'best_epoch' is true. Expected a whole number"),
    ],
)
def test_an_edited_file_is_told_with_the_place(tmp_path, place, value, message):
    run = RunDir(tmp_path)
    document = json.loads(RunDir(KEPT / "image-classification").metrics.read_text())
    run.metrics.write_text(json.dumps(edited(document, place, value, delete=False)))
    with pytest.raises(DlcliError, match=message):
        documents.metrics(run)
    assert documents.or_empty(documents.metrics, run) == {}


def test_a_missing_key_is_told(tmp_path):
    run = RunDir(tmp_path)
    document = json.loads(RunDir(KEPT / "series-forecasting").metadata.read_text())
    del document["forecast"]["horizon"]
    run.metadata.write_text(json.dumps(document))
    with pytest.raises(
        DlcliError, match=r"'forecast\.horizon' is missing. Expected a whole number"
    ):
        artifact_metadata.of_run(run)


@pytest.mark.parametrize(
    ("task", "edit", "message"),
    [
        (
            "table-regression",
            {"task": "rest"},
            f"'task' is \"rest\". Expected one of {', '.join(kinds.tasks())}",
        ),
        ("table-regression", {"input": {"kind": "text"}}, "'input.kind' is \"text\". Expected one"),
        ("table-regression", {"input": {"kind": "table"}}, "'input.columns' is missing"),
        ("series-forecasting", {"forecast": None}, "'forecast' is null. Expected an object"),
        ("text-generation", {"class_names": []}, "Expected the names of classes"),
        ("image-classification", {"class_names": []}, "Expected the names of classes"),
    ],
)
def test_a_model_has_what_its_kind_and_output_need(task, edit, message):
    document = json.loads(RunDir(KEPT / task).metadata.read_text())
    assert json_checks.problem(document, artifact_metadata.check_model) == ""
    assert message in json_checks.problem({**document, **edit}, artifact_metadata.check_model)


@pytest.mark.parametrize("seed", range(4))
def test_no_edit_of_a_run_is_a_fault_of_the_commands_that_show_it(tmp_path, capsys, seed):
    chosen = random.Random(seed)
    task = TASKS[seed % len(TASKS)]
    for name in ("edited", "whole"):
        left_out = shutil.ignore_patterns("*.keras", "exports")
        shutil.copytree(KEPT / task, tmp_path / name, ignore=left_out)
    run = RunDir(tmp_path / "edited")
    for path in (run.metrics, run.metadata, run.environment):
        text = path.read_text()
        document = json.loads(text)
        place = chosen.choice(list(places(document)))
        wrong = edited(document, place, chosen.choice(WRONG), bool(place) and chosen.random() < 0.3)
        path.write_text(json.dumps(wrong))
        for command in (
            ["runs", "list"],
            ["runs", "show", "edited"],
            ["compare", "whole", "edited"],
            ["report", "edited", "--format", "markdown", "--output", f"{tmp_path}/card.md"],
        ):
            output.error_console.cache_clear()
            code = app.main([*command, "--runs-dir", str(tmp_path)])
            told = capsys.readouterr().err
            assert code in {0, 1, 2, 3}
            assert "fault of dlcli" not in told, (path.name, place, wrong, told)
        path.write_text(text)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("confusion", []),
        ("confusion", [[1, 2], [3]]),
        ("confusion", [[1] * 3] * 2),
        ("confusion_counts", [[0, 10, 5]]),
    ],
)
def test_a_matrix_that_does_not_fit_its_classes_is_not_shown(tmp_path, run_cli, name, value):
    run = RunDir(tmp_path / "edited")
    shutil.copytree(KEPT / "image-classification", run.path)
    document = json.loads(run.metrics.read_text())
    document["test"][name] = value
    run.metrics.write_text(json.dumps(document))
    done = run_cli("runs", "show", "edited", "--runs-dir", tmp_path)
    assert done.code == 0
    assert "taken for" not in done.stdout.lower().replace("mistaken for", "")
    assert "metrics.json is damaged" in done.stdout


def test_mistakes_of_classes_that_the_metadata_lacks_are_told(tmp_path, run_cli):
    run = RunDir(tmp_path / "edited")
    shutil.copytree(KEPT / "image-classification", run.path)
    document = json.loads(run.metadata.read_text())
    document["class_names"] = document["class_names"][:1]
    run.metadata.write_text(json.dumps(document))
    done = run_cli("report", "edited", "--runs-dir", tmp_path)
    assert done.code == 1
    assert "metadata.json do not fit together" in done.stderr


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "x.json cannot be read: No such file or directory."),
        (b"", "x.json is damaged: Expecting value: line 1 column 1 (char 0)."),
        (b'{"a": ', "x.json is damaged: Expecting value"),
        (b"\xff", "x.json is damaged: it is no UTF-8 text (byte 0)."),
        (b"[" * 100_000, "x.json is damaged: maximum recursion depth exceeded"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path, monkeypatch, content, message):
    monkeypatch.chdir(tmp_path)
    if content is not None:
        Path("x.json").write_bytes(content)
    with pytest.raises(DlcliError, match=re.escape(message)):
        documents.read_json(Path("x.json"))
