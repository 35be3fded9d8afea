"""Tokens on their way into the network."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from dlcli import tasks
from dlcli.data import DataSpec
from dlcli.errors import RecipeError
from dlcli.layers.text_tokens import TextTokens
from dlcli.recipe import schema
from dlcli.tasks.entry import text

SPEC = DataSpec((), "string", ("a", "b"), "")
VOCABULARY = [chr(code) for code in range(0x4E00, 0x4E00 + 3000)]
IDS = np.array([[2, 3, 2, 0], [3001, 2, 3, 2], [0, 0, 0, 0]], np.int32)


def core(*overrides: str) -> keras.Model:
    keras.utils.set_random_seed(0)
    loaded = schema.load(
        "text-mean",
        [
            "embedding.size=4",
            "model.pooling=mean",
            "model.dropout=0",
            "embedding.token_dropout=0",
            *overrides,
        ],
    )
    inputs = keras.Input((), dtype="string", name="text")
    preprocessor = keras.Model(
        inputs, TextTokens(VOCABULARY, 4, name="tokens")(inputs), name="preprocessor"
    )
    return tasks.build_core(loaded, preprocessor, SPEC, "float32")


def test_each_pair_of_neighbours_has_a_bucket() -> None:
    buckets = np.array(text._bigrams(IDS, 1009))
    assert buckets.dtype == np.int32
    before = np.pad(IDS[:, :-1], [(0, 0), (1, 0)]).astype(np.int64)
    assert np.array_equal(buckets, (before % 65_521 * 31_337 + IDS) % 1009)
    assert buckets[0, 2] == buckets[1, 3]  # 3 before 2
    assert buckets[0, 2] != buckets[0, 1]  # 2 before 3
    largest = np.full((1, 2), 2_000_000, np.int32)
    assert np.array(text._bigrams(largest, 997)).min() >= 0  # nothing overflows


def test_vectors_of_pairs_are_added() -> None:
    model = core("embedding.bigram_buckets=50")
    words, pairs = (model.get_layer(name).get_weights()[0] for name in ("embedding", "bigrams"))
    vectors = words[IDS] + pairs[np.array(text._bigrams(IDS, 50))]
    kernel, bias = model.get_layer("scores").get_weights()
    means = np.stack([vectors[0, :3].mean(0), vectors[1].mean(0), vectors[2, :1].mean(0)])
    scores = means @ kernel + bias
    expected = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    assert np.allclose(model(IDS), expected, atol=1e-6)


def test_dropped_tokens_are_dropped_whole() -> None:
    model = core("embedding.token_dropout=0.5", "embedding.bigram_buckets=0")
    layer = model.get_layer("token_dropout")
    dropped = np.array(layer(np.ones((50, 4, 4), np.float32), training=True))
    per_token = dropped.reshape(-1, 4)
    assert set(per_token.sum(axis=1).tolist()) == {0.0, 8.0}


def test_vectors_may_be_one_hot() -> None:
    model = core("embedding.size=null", "embedding.bigram_buckets=0")
    assert model.count_params() == (len(VOCABULARY) + 2) * 2 + 2
    with pytest.raises(RecipeError, match=r"embedding\.bigram_buckets needs vectors"):
        core("embedding.size=null", "embedding.bigram_buckets=5")
