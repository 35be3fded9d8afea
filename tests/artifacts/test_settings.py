"""What --set changes of a loaded artifact, and what it refuses."""

from __future__ import annotations

import pytest

from dlcli.artifacts import settings
from dlcli.errors import RecipeError, UsageError
from dlcli.recipe import schema


@pytest.fixture
def metadata() -> dict:
    made = schema.load("table-mlp", ["data.source=/x/a.csv", "data.target=y"])
    return {"task": made.task, "recipe": made.model_dump(mode="json"), "input": {}}


def test_keys_of_reading_are_set(metadata: dict) -> None:
    before = metadata["recipe"]["data"]["separator"]
    changed = settings.applied(
        metadata, ["data.encoding=cp1251", "data.separator=semicolon", "data.header=false"]
    )
    assert changed["set"] == {"encoding": "cp1251", "separator": "semicolon", "header": False}
    assert changed["recipe"]["data"]["encoding"] == "cp1251"
    assert changed["recipe"]["data"]["target"] == "y"
    assert metadata["recipe"]["data"]["separator"] == before  # what was given is left alone
    assert settings.applied(metadata, []) is metadata


@pytest.mark.parametrize("key", ["data.target=x", "data.features=[a]", "training.epochs=3"])
def test_what_changes_the_meaning_is_refused(metadata: dict, key: str) -> None:
    with pytest.raises(UsageError, match="was trained with it") as caught:
        settings.applied(metadata, [key])
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("data.encodng=cp1251", "Similar: encoding"),
        ("encoding=cp1251", "data.encoding"),
        ("data.header=perhaps", "data.header: received"),
        ("data.skip_lines=-1", "at least 0"),
    ],
)
def test_an_unknown_key_or_value_is_answered(metadata: dict, key: str, message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        settings.applied(metadata, [key])


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Name it, such as data.encoding=cp1251.", "Name it, such as --set data.encoding=cp1251."),
        ("data.time_format='%d' or", "--set data.time_format='%d' or"),
        ("Type 'data.missing_values=[a b]'", "Type --set 'data.missing_values=[a b]'"),
        ("(else data.header=true).", "(else --set data.header=true)."),
        ("--set data.bit_depth=16", "--set data.bit_depth=16"),
        ("Train with data.target=y", "Train with data.target=y"),  # no key of reading
        ("own_data.header=1, data.header", "own_data.header=1, data.header"),
    ],
)
def test_overrides_in_a_sentence_become_options(sentence: str, expected: str) -> None:
    assert settings.as_options(sentence) == expected
    assert settings.as_options(expected) == expected
