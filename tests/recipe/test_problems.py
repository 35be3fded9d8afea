"""Where a key was given, and what was received there."""

import sys

import pytest

from dlcli.recipe import problems
from dlcli.recipe.problems import Places

LINES = {"task": 1, "data": 2, "data.source": 3, "data.size": 4, "data.size[1]": 5}


def test_a_key_is_at_its_line_or_at_that_of_what_is_around_it():
    places = Places("my.yaml", LINES)
    keys = ("data.source", "data.size[1]", "data.size[0]", "data.other", "model.family", "")
    assert [places.of(key) for key in keys] == [
        "my.yaml line 3",
        "my.yaml line 5",
        "my.yaml line 4",
        "my.yaml line 2",
        "my.yaml",
        "my.yaml",
    ]
    assert [places.line(key) for key in keys] == [3, 5, 4, 2, 0, 0]


def test_an_override_takes_the_place_of_the_lines_inside_it_and_of_no_others():
    places = Places("my.yaml", {**LINES, "data.sizes": 6})
    places.override("data.size", "data.size=[7, 8]")
    assert places.of("data.size[1]") == "the override data.size=[7, 8]"
    assert places.line("data.size[1]") == sys.maxsize
    assert places.of("data.sizes") == "my.yaml line 6"
    assert places.of("data.source") == "my.yaml line 3"


def test_an_override_is_given_again_as_text_ready_to_paste():
    places = Places("my.yaml", {})
    places.override("data.target", "data.target=it's 5")
    assert places.as_text("data.target") == """'data.target="it'"'"'s 5"'"""
    assert places.as_text("data.source") == ""


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "nothing"),
        ({"a": 1}, "a section"),
        ([1, "b"], 'the list [1, "b"]'),
        (True, "true"),
        ("größer", '"größer"'),
        ("x" * 58, f'"{"x" * 58}"'),
        ("x" * 59, f'"{"x" * 56}...'),
    ],
)
def test_a_received_value_is_described_as_it_was_written(value, expected):
    assert problems.described(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "model.family is missing (my.yaml). Expected one of: cnn, mlp."),
        (3, "model.family: received 3 (my.yaml). Expected one of: cnn, mlp."),
        (
            "cmn",
            'model.family: unknown family "cmn" (my.yaml). Expected one of: cnn, mlp. '
            "Did you mean 'cnn'?",
        ),
        ("forest", 'model.family: unknown family "forest" (my.yaml). Expected one of: cnn, mlp.'),
    ],
)
def test_a_name_that_is_missing_or_unknown_is_answered_with_the_known_ones(value, expected):
    problem = problems.unknown_choice("model.family", value, ["cnn", "mlp"], Places("my.yaml", {}))
    assert problem == problems.Problem("model.family", expected)
