"""What stands beside the document in an artifact."""

from __future__ import annotations

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
