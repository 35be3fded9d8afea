"""What stands beside the document in an artifact."""

from __future__ import annotations

import json

import pytest

from dlcli.artifacts import metadata


def test_a_class_has_one_line_whatever_its_name_holds() -> None:
    names = ["plain", "line\nbreak", "a\rb", "\u2028", "\x85", "back\\slash"]
    found = metadata.texts({"input": {}, "class_names": names})["labels.txt"]
    assert found.splitlines() == [
        "plain",
        r"line\nbreak",
        r"a\rb",
        r"\u2028",
        r"\x85",
        "back\\slash",
    ]


@pytest.mark.parametrize(
    ("version", "added"), [("0.1.0", {"copies": "apart"}), ("0.2.0", {}), (None, {})]
)
def test_the_splits_of_a_run_of_0_1_are_those_that_it_had(version, added, tmp_path):
    """0.1 did not keep copies of an example together; cut anew, its test split would leak."""
    document = {
        "format": metadata.FORMAT,
        "task": "text-classification",
        "class_names": ["a", "b"],
        "target": "",
        "input": {"kind": "text"},
        "recipe": {"data": {"source": "texts.csv"}},
        "versions": {"dlcli": version},
    }
    parsed = metadata.parse(json.dumps(document), tmp_path)
    assert parsed["recipe"]["data"] == {"source": "texts.csv", **added}


def test_what_a_recipe_says_is_kept(tmp_path):
    document = {
        "format": metadata.FORMAT,
        "task": "image-classification",
        "class_names": ["a", "b"],
        "target": "",
        "input": {"kind": "image"},
        "recipe": {"data": {"bit_depth": 12}},
        "versions": {"dlcli": "0.1.0"},
    }
    data = metadata.parse(json.dumps(document), tmp_path)["recipe"]["data"]
    assert data == {"copies": "apart", "bit_depth": 12, "background": "white"}
