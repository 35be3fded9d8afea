"""--set, and what is told of guesses, from the command line."""

from __future__ import annotations

import json

import pytest

from dlcli.recipe import schema


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run of a table that is cut by semicolons, below a title."""
    from dlcli.training import run

    folder = tmp_path_factory.mktemp("set")
    lines = [f"{row};{row % 7}.5;{'yes' if row % 2 else 'no'}" for row in range(60)]
    (folder / "train.csv").write_text("\n".join(["Sales;;", "x;y;label", *lines, ""]))
    values = [f'data.source="{folder}/train.csv"', "training.epochs=1", "model.units=[2]"]
    result = run.train(
        schema.load("table-mlp", values),
        "table-mlp",
        folder,
        name="run",
        events=lambda event: None,
        stop=lambda: False,
    )
    return result.run


def test_what_was_inferred_is_in_the_run_and_in_its_model(trained) -> None:
    inferred = {"separator": "semicolon", "header": True, "skip_lines": 1, "quote": "double"}
    data = schema.load(str(trained.recipe)).data
    metadata = json.loads(trained.metadata.read_text())
    for key, value in {**inferred, "encoding": "utf-8"}.items():
        assert getattr(data, key) == value
        assert metadata["recipe"]["data"][key] == value
        assert metadata["input"]["reading"][key] == value


def test_guesses_are_told_and_can_be_replaced(trained, tmp_path, run_cli) -> None:
    new = tmp_path / "new.csv"
    new.write_text("# by hand\nx,y,label\n1,2,yes\n2,3,no\n")
    result = run_cli("predict", trained.path, new, "--json")
    assert result.code == 0
    document = json.loads(result.stdout)
    assert len(document["predictions"]) == 2
    (note,) = document["warnings"]
    assert note.endswith("1 line at its start is left out, such as '# by hand' (data.skip_lines).")
    assert f"Warning: {note}" in result.stderr
    evaluated = run_cli("evaluate", trained.path, "--data", new, "--json")
    assert json.loads(evaluated.stdout)["warnings"] == [note]
    silent = run_cli("predict", trained.path, new, "--json", "--set", "data.skip_lines=1")
    assert "warnings" not in json.loads(silent.stdout)
    assert json.loads(silent.stdout)["predictions"] == document["predictions"]
    wrong = run_cli("predict", trained.path, new, "--set", "data.separator=semicolon")
    assert wrong.code == 3


@pytest.mark.parametrize(
    ("command", "option", "message"),
    [
        ("predict", "data.target=x", "keeps its meaning"),
        ("evaluate", "data.features=[x]", "keeps its meaning"),
        ("serve", "data.target=x", "keeps its meaning"),
        ("predict", "data.separatr=comma", "Similar: separator"),
        ("predict", "data.separator=dot", "Expected one of: auto, comma"),
        ("train", "separator", "no key=value"),
        ("train", "data.separatr=comma", "Similar: separator"),
    ],
)
def test_what_cannot_be_set_ends_with_2(trained, run_cli, command, option, message) -> None:
    what = ["table-mlp"] if command == "train" else [trained.path]
    what += ["x.csv"] if command == "predict" else []
    what += ["--port", 0] if command == "serve" else []
    result = run_cli(command, *what, "--set", option)
    assert result.code == 2
    assert message in result.stderr
