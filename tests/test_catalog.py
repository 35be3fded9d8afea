"""What there is, from directory listings."""

import subprocess
import sys
from pathlib import Path

import pytest

from dlcli import catalog


def test_names_are_those_of_the_files():
    recipes = Path(catalog.__file__).parents[1] / "recipes"
    assert catalog.recipe_names() == sorted(path.stem for path in recipes.glob("*.yaml"))
    assert {"digits-cnn", "mnist-cnn", "image-cnn"} <= set(catalog.recipe_names())
    assert "cnn" in catalog.family_names()
    assert {"digits", "mnist"} <= set(catalog.built_in_sources())
    listed = [*catalog.family_names(), *catalog.built_in_sources()]
    assert not [name for name in listed if name.startswith("_")]


def test_packaged_recipes_are_preferred_to_those_of_a_checkout(tmp_path, monkeypatch):
    monkeypatch.setattr(catalog, "_PACKAGE", tmp_path / "dlcli")
    assert catalog.recipe_folder() == tmp_path / "recipes"
    (tmp_path / "dlcli" / "recipes").mkdir(parents=True)
    assert catalog.recipe_folder() == tmp_path / "dlcli" / "recipes"


@pytest.mark.parametrize(
    ("head", "description"),
    [
        ("# Digits, the CNN.   dlcli train digits-cnn\n# Expected: 98 %\n", "Digits, the CNN."),
        ("#Digits.\n", "Digits."),
        ("# 手写数字。   dlcli train 数字\n", "手写数字。"),
        ("task: image-classification\n", ""),
        ("", ""),
    ],
)
def test_a_description_is_the_first_comment_without_the_command(
    tmp_path, monkeypatch, head, description
):
    monkeypatch.setattr(catalog, "recipe_folder", lambda: tmp_path)
    (tmp_path / "x.yaml").write_text(head, encoding="utf-8")
    assert catalog.recipe_description("x") == description


@pytest.mark.parametrize(
    ("name", "question"),
    [
        ("digts-cnn", " Did you mean 'digits-cnn'?"),
        ("mnistcnn", " Did you mean 'mnist-cnn'?"),
        ("MNIST-CNN", " Did you mean 'mnist-cnn'?"),
        ("something else", ""),
        ("", ""),
    ],
)
def test_the_nearest_name_is_offered(name, question):
    assert catalog.did_you_mean(name, ["digits-cnn", "mnist-cnn"]) == question


def test_listing_names_imports_nothing_of_the_package():
    code = (
        "import sys; from dlcli import catalog; catalog.recipe_names(); catalog.family_names(); "
        "catalog.built_in_sources(); "
        "print(sorted(name for name in sys.modules if name.startswith('dlcli')))"
    )
    repository = Path(catalog.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=repository
    )
    assert done.stdout == "['dlcli', 'dlcli.catalog']\n"
