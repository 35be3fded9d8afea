"""dlcli recipes, as a user types it."""

import json
from pathlib import Path

import pytest

from dlcli import catalog
from dlcli.recipe import schema


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def two_recipes(tmp_path, monkeypatch):
    """A recipe folder that these tests know."""
    folder = tmp_path / "shipped"
    folder.mkdir()
    for name, head in (
        ("digits-cnn", "# Digits.   dlcli train digits-cnn"),
        ("猫狗", "# 猫和狗。"),
    ):
        (folder / f"{name}.yaml").write_text(f"{head}\ntask: x\n", encoding="utf-8")
    monkeypatch.setattr(catalog, "recipe_folder", lambda: folder)


@pytest.mark.usefixtures("two_recipes")
def test_list_shows_each_recipe_with_its_description(run_cli):
    result = run_cli("recipes", "list")
    assert (result.code, result.stdout, result.stderr) == (
        0,
        "Recipe      What it trains\ndigits-cnn  Digits.       \n猫狗        猫和狗。      \n",
        "\nNext\n  dlcli recipes show digits-cnn\n  dlcli train digits-cnn\n",
    )


@pytest.mark.usefixtures("two_recipes")
def test_list_as_json(run_cli):
    result = run_cli("recipes", "list", "--json")
    assert json.loads(result.stdout) == {
        "schema": "dlcli.recipes-list/1",
        "recipes": [
            {"name": "digits-cnn", "description": "Digits."},
            {"name": "猫狗", "description": "猫和狗。"},
        ],
    }
    assert result.stderr == ""


@pytest.mark.parametrize("by_path", [False, True])
def test_show_prints_the_file_byte_for_byte(run_cli, by_path):
    path = catalog.recipe_folder() / "digits-cnn.yaml"
    result = run_cli("recipes", "show", path if by_path else "digits-cnn")
    assert (result.code, result.stdout, result.stderr) == (0, path.read_text("utf-8"), "")


@pytest.mark.parametrize(
    ("arguments", "overrides"),
    [
        (("--resolved",), []),
        (("training.epochs=3",), ["training.epochs=3"]),
        (("training.epochs=3", "--resolved", "training.seed=1"), ["training.epochs=3",
                                                                 "training.seed=1"]),
    ],
)  # fmt: skip
def test_show_resolved_prints_every_key_and_trains_the_same(run_cli, arguments, overrides):
    result = run_cli("recipes", "show", "digits-cnn", *arguments)
    loaded = schema.load("digits-cnn", overrides)
    assert (result.code, result.stderr) == (0, "")
    assert result.stdout == schema.dump(loaded, comments=True)
    Path("my.yaml").write_text(result.stdout, encoding="utf-8")
    assert schema.load("my.yaml") == loaded


def test_show_as_json(run_cli):
    result = run_cli("recipes", "show", "digits-cnn", "training.epochs=3", "--json")
    document = json.loads(result.stdout)
    assert document.keys() == {"schema", "name", "recipe"}
    assert (document["schema"], document["name"]) == ("dlcli.recipes-show/1", "digits-cnn")
    assert schema.from_values(document["recipe"], "x") == schema.load(
        "digits-cnn", ["training.epochs=3"]
    )


@pytest.mark.parametrize("arguments", [("digits-cnn", "mnist-cnn"), ("digits-cnn", "epochs")])
def test_show_takes_one_recipe(run_cli, arguments):
    result = run_cli("recipes", "show", *arguments)
    assert (result.code, result.stdout, result.stderr) == (
        2,
        "",
        f"Error: '{arguments[1]}' is neither an override (key=value) nor the recipe "
        "('digits-cnn').\n"
        "Give one recipe, then overrides without spaces, such as training.epochs=3.\n",
    )


@pytest.mark.parametrize("command", ["show", "validate"])
def test_an_override_alone_is_no_recipe(run_cli, command):
    result = run_cli("recipes", command, "training.epochs=3")
    assert (result.code, result.stdout, result.stderr) == (
        2,
        "",
        "Error: no recipe is given.\nList them: dlcli recipes list\n",
    )


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        ((), "digits-cnn.yaml"),
        (("mine.yaml",), "mine.yaml"),
        (("folder",), "folder/digits-cnn.yaml"),
    ],
)
def test_copy_says_where_to_and_what_to_type_next(run_cli, arguments, path):
    Path("folder").mkdir()
    result = run_cli("recipes", "copy", "digits-cnn", *arguments)
    assert (result.code, result.stdout, result.stderr) == (
        0,
        f"Copied to {path}.\n",
        f"\nNext\n  dlcli recipes validate {path}\n  dlcli train {path}\n",
    )
    assert schema.load(path) == schema.load("digits-cnn")


def test_copy_as_json(run_cli):
    result = run_cli("recipes", "copy", "digits-cnn", "--json")
    assert json.loads(result.stdout) == {
        "schema": "dlcli.recipes-copy/1",
        "path": "digits-cnn.yaml",
    }


def test_copy_replaces_a_file_with_force_only(run_cli):
    Path("digits-cnn.yaml").write_text("mine", encoding="utf-8")
    result = run_cli("recipes", "copy", "digits-cnn")
    assert (result.code, result.stdout, result.stderr) == (
        2,
        "",
        "Error: digits-cnn.yaml exists already.\n"
        "Choose another path, or replace it with --force.\n",
    )
    assert Path("digits-cnn.yaml").read_text(encoding="utf-8") == "mine"
    assert run_cli("recipes", "copy", "digits-cnn", "--force").code == 0
    assert schema.load("digits-cnn.yaml") == schema.load("digits-cnn")


def test_validate_checks_every_recipe_and_fails_if_one_does(run_cli):
    Path("wrong.yaml").write_text(
        "task: image-classification\nmodel: {family: cnn, dropout: 2}\nepochs: 3\n",
        encoding="utf-8",
    )
    result = run_cli("recipes", "validate", "digits-cnn", "wrong.yaml", "nowhere.yaml", "mnist-cnn")
    assert (result.code, result.stdout, result.stderr) == (
        2,
        "digits-cnn is valid.\nmnist-cnn is valid.\n",
        "Error: wrong.yaml has 2 problems:\n"
        "  model.dropout: received 2 (wrong.yaml line 2). "
        "Expected a number, at least 0 and less than 1.\n"
        "  'epochs' is not a section of a recipe (wrong.yaml line 3). "
        "It is a key of training: training.epochs.\n"
        "Every key, what it takes and its default: dlcli recipes show digits-cnn --resolved\n"
        "Error: there is no recipe file nowhere.yaml.\n"
        "List the shipped recipes: dlcli recipes list\n",
    )


def test_a_wrong_override_points_to_the_recipe_that_it_is_for(run_cli):
    result = run_cli("recipes", "validate", "char-gru", "training.epoch=1")
    assert result.stderr.endswith("dlcli recipes show char-gru --resolved\n")


def test_validate_applies_overrides_to_every_recipe(run_cli):
    assert run_cli("recipes", "validate", "digits-cnn", "training.epochs=3").code == 0
    result = run_cli(
        "recipes", "validate", "digits-cnn", "mnist-cnn", "training.epochs=0", "--json"
    )
    assert result.code == 2
    assert json.loads(result.stdout) == {
        "schema": "dlcli.recipes-validate/1",
        "valid": False,
        "recipes": [
            {
                "name": name,
                "valid": False,
                "problems": [
                    "training.epochs: received 0 (the override training.epochs=0). "
                    "Expected a whole number, at least 1."
                ],
            }
            for name in ("digits-cnn", "mnist-cnn")
        ],
    }


def test_validate_as_json_of_what_is_valid(run_cli):
    result = run_cli("recipes", "validate", "digits-cnn", "--json")
    assert (result.code, result.stderr) == (0, "")
    assert json.loads(result.stdout) == {
        "schema": "dlcli.recipes-validate/1",
        "valid": True,
        "recipes": [{"name": "digits-cnn", "valid": True, "problems": []}],
    }


def test_schema_is_the_json_schema(run_cli):
    result = run_cli("recipes", "schema")
    assert (result.code, result.stderr) == (0, "")
    assert json.loads(result.stdout) == schema.json_schema()
