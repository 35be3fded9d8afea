"""Texts to numbers: fitted on the train split alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from dlcli import data, preprocessing
from dlcli.data import DataSpec, Split
from dlcli.errors import DataError
from dlcli.preprocessing import text as module
from dlcli.recipe import schema

SPEC = DataSpec((), "string", ("a", "b"), "", text="text")


def adapt(texts: list[str], *overrides: str, rows: list[int] | None = None):
    loaded = schema.load("text-bilstm", list(overrides))
    chosen = np.arange(len(texts)) if rows is None else np.array(rows)
    split = Split(np.array(texts, object), np.zeros(len(texts), np.int32), chosen, texts)
    return loaded, split, preprocessing.adapt(loaded, split, SPEC)


def vocabulary(*arguments: object, **keywords: object) -> tuple[str, ...]:
    return adapt(*arguments, **keywords)[2].get_layer("tokens").tokenizer.vocabulary


def test_the_most_frequent_tokens_first_then_by_the_alphabet() -> None:
    texts = ["b a c", "A, b", "d d d d", "e"]
    assert vocabulary(texts) == ("d", "a", "b")
    assert vocabulary(texts, "preprocessing.vocabulary_size=2") == ("d", "a")
    assert vocabulary(texts, "preprocessing.min_token_count=1") == ("d", "a", "b", ",", "c", "e")
    assert vocabulary(texts, "preprocessing.lower_case=false") == ("d", "b")
    assert vocabulary(texts[::-1]) == vocabulary(texts)


def test_nothing_is_fitted_on_other_rows() -> None:
    texts = ["a a", "b b b b b b", "c c c c c c"]
    assert vocabulary(texts, rows=[0]) == ("a",)
    assert adapt(texts, rows=[0])[2].output.shape == (None, 2)


def test_the_length_holds_most_texts_of_the_train_split() -> None:
    texts = ["x " * length for length in range(1, 101)]
    assert adapt(texts)[2].output.shape == (None, 95)
    assert adapt(texts, "preprocessing.sequence_length=7")[2].output.shape == (None, 7)
    assert adapt(["x " * 9_999] * 3)[2].output.shape == (None, 512)
    assert adapt([*[""] * 99, "x x"])[2].output.shape == (None, 1)


def test_texts_without_a_token_are_refused() -> None:
    with pytest.raises(DataError, match="no token stands 2 times in the texts"):
        adapt(["", "once"])


def test_numbers_are_those_of_the_model() -> None:
    _, split, preprocessor = adapt(["It's fine 🙂", "", "fine fine x"], rows=[2, 1, 0])
    numbers = module.numbers(split, preprocessor)
    inside = preprocessor(tf.constant(split.inputs[split.rows]))
    assert np.array_equal(numbers.inputs, inside)
    assert numbers.inputs.dtype == np.int32
    assert numbers.names == ["fine fine x", "", "It's fine 🙂"]


def test_what_stands_in_the_test_split_changes_nothing(tmp_path: Path) -> None:
    rows = [f"word{row % 4} the,{row % 2}" for row in range(40)]
    fitted = []
    for name, extra in (("a", "word1 the"), ("b", "zebra " * 50)):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "train.csv").write_text("\n".join(["text,label", *rows]))
        (folder / "test.csv").write_text("\n".join(["text,label", f"{extra},0", f"{extra},1"]))
        loaded = schema.load("text-bilstm", [f'data.source="{folder}"'])
        dataset = data.load(loaded)
        fitted.append(preprocessing.adapt(loaded, dataset.splits.train, dataset.spec).get_config())
    assert fitted[0] == fitted[1]


def test_the_description_is_enough_for_the_tokenizer() -> None:
    from dlcli.inputs import text

    loaded, split, preprocessor = adapt(["a b a b", "b"], "preprocessing.split=character")
    described = preprocessing.describe(loaded, SPEC, preprocessor)
    assert described["text"] == "text"
    assert described["reading"]["missing_values"] == ("",)
    ids = text.from_metadata(described["tokens"]).ids(split.inputs)
    assert np.array_equal(ids, module.numbers(split, preprocessor).inputs)
