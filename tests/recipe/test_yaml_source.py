"""YAML as recipes use it."""

import math
import re

import pytest

from dlcli.errors import RecipeError
from dlcli.recipe import yaml_source


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("# only a comment", None),
        ("a:", {"a": None}),
        ("[1e-3, 1E5, 2., .5, -1.5e+3, +7]", [0.001, 100000.0, 2.0, 0.5, -1500.0, 7]),
        ("[010, 0, -0]", [10, 0, 0]),
        ("[yes, no, on, off, y, n]", ["yes", "no", "on", "off", "y", "n"]),
        ("[true, False, TRUE, null, ~, Null]", [True, False, True, None, None, None]),
        ("[2020-01-01, 12:30:45, 0x1F, 0o17, 1_000]",
         ["2020-01-01", "12:30:45", "0x1F", "0o17", "1_000"]),
        ("[.inf, -.INF]", [math.inf, -math.inf]),
        ("{a: {b: [1, {c: '2'}]}}", {"a": {"b": [1, {"c": "2"}]}}),
        ("<<: 1", {"<<": 1}),
        ("a: 1\r\nb: 2\r\n", {"a": 1, "b": 2}),
        ("key: 数据", {"key": "数据"}),
        ("9223372036854775807", 2**63 - 1),
    ],
)  # fmt: skip
def test_values_are_those_of_yaml_1_2(text, value):
    assert yaml_source.read(text, "x.yaml").value == value


def test_nan_is_a_number():
    assert math.isnan(yaml_source.read(".nan", "x.yaml").value)


def test_every_key_has_its_line():
    source = yaml_source.read("a: 1\nb:\n  c: 2\n  d:\n    - 3\n    - 4\n", "x.yaml")
    assert source.lines == {"a": 1, "b": 2, "b.c": 3, "b.d": 4, "b.d[0]": 5, "b.d[1]": 6}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3", "x.yaml gives a twice, in line 1 and line 3."),
        ("s:\n  a: 1\n  a: 2", "x.yaml gives s.a twice, in line 2 and line 3."),
        ("a: &x 1\nb: *x", "x.yaml line 2 uses a YAML alias (*x); a recipe holds none."),
        ("a: !!int 'x'", "x.yaml line 1 uses a YAML tag (!!int); a recipe holds none."),
        ("a: !!set {x}", "x.yaml line 1 uses a YAML tag (!!set); a recipe holds none."),
        ("a: !!binary aGk=", "x.yaml line 1 uses a YAML tag (!!binary); a recipe holds none."),
        ("a: !!timestamp x", "x.yaml line 1 uses a YAML tag (!!timestamp); a recipe holds none."),
        ("!!python/name:os.system x", "x.yaml line 1 uses a YAML tag (!!python/name:os.system); a "
         "recipe holds none."),
        ("1: 2", "x.yaml line 1 has a key that is not a name: '1'."),
        ("a: {null: 2}", "x.yaml line 1 has a key that is not a name: 'null'."),
        ("? [a, b]\n: 1", "x.yaml line 1 has a key that is not a name: 'a list or map'."),
        ('"a\\x1b": 1', "x.yaml line 1 has a key that is not a name: 'a\\x1b'."),
        ('a: "\\uD800"', "x.yaml line 1 holds U+D800, which no text or file name can have."),
        ('a: "\\0"', "x.yaml line 1 holds U+0000, which no text or file name can have."),
        ("a: 9223372036854775808", "x.yaml line 1 holds a whole number of 19 characters; a recipe "
         "takes those that fit into 64 bits."),
        ("a: " + "9" * 5000, "x.yaml line 1 holds a whole number of 5000 characters; a recipe "
         "takes those that fit into 64 bits."),
        ("[" * 21 + "]" * 21, "x.yaml line 1 is nested too deeply to be a recipe."),
        ("[" * 5000 + "]" * 5000, "x.yaml line 1 is nested too deeply to be a recipe."),
        ("a: [1,", "x.yaml line 1 is not valid YAML: expected the node content, but found "
         "'<stream end>'."),
        ("a:\n\t- b", "x.yaml line 2 is not valid YAML: found character '\\t' that cannot start "
         "any token."),
        ("a: 1\n---\nb: 2", "x.yaml line 2 is not valid YAML: but found another document."),
        ("a: \x07", "x.yaml is not valid YAML: unacceptable character #x0007: special characters "
         "are not allowed."),
        ("a" * 1_000_001, "x.yaml has 1,000,001 characters; a recipe has at most 1,000,000."),
    ],
)  # fmt: skip
def test_what_a_recipe_does_not_hold_is_refused_with_its_line(text, message):
    with pytest.raises(RecipeError, match=f"^{re.escape(message)}$"):
        yaml_source.read(text, "x.yaml")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (3, "3"),
        (1e-5, "1e-05"),
        (0.001, "0.001"),
        ("digits-cnn", "digits-cnn"),
        ("", '""'),
        ("null", '"null"'),
        ("true", '"true"'),
        ("12", '"12"'),
        ("1e3", '"1e3"'),
        ("---", '"---"'),
        ("a b", '"a b"'),
        ("a: #b", '"a: #b"'),
        ('"', '"\\""'),
        ("数据", "数据"),
        ("/数据/猫 狗", '"/数据/猫 狗"'),
        ("a\nb", '"a\\nb"'),
        ("a\x85b\u2028c\x7f", '"a\\U00000085b\\U00002028c\\U0000007F"'),
        ("\U0001f600", '"\U0001f600"'),
        ([128, "x y", [None]], '[128, "x y", [null]]'),
        ((28, 28), "[28, 28]"),
    ],
)
def test_what_is_written_is_read_back(value, text):
    assert yaml_source.write(value) == text
    expected = list(value) if isinstance(value, tuple) else value
    assert yaml_source.read(text, "x.yaml").value == expected
