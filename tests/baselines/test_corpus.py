"""N-grams against a plain count, and within windows."""

import math
from collections import Counter, defaultdict

import numpy as np
import pytest

from dlcli import baselines, data
from dlcli.baselines import ngram
from dlcli.evaluation import next_token
from dlcli.recipe import schema

TRAIN, TEST = "abracadabra cadabra abacus " * 3, "abraxas cadabra b"
IDS = {character: place for place, character in enumerate(sorted(set(TRAIN + TEST)), 2)}
NUM_TOKENS = len(IDS) + 2


def naive(num_contexts):
    """Witten and Bell's interpolation, character by character."""
    counts = [defaultdict(Counter) for _ in range(num_contexts + 1)]
    for place, character in enumerate(TRAIN):
        for length in range(min(place, num_contexts) + 1):
            counts[length][TRAIN[place - length : place]][character] += 1
    found = []
    for place, character in enumerate(TEST):
        probability = 1 / (NUM_TOKENS - 1)
        for length in range(min(place, num_contexts) + 1):
            seen = counts[length].get(TEST[place - length : place])
            if seen:
                probability = (seen[character] + len(seen) * probability) / (
                    seen.total() + len(seen)
                )
        found.append(probability)
    return found


def test_n_grams_are_those_of_a_plain_count():
    train, test = (np.array([IDS[c] for c in text], np.uint16) for text in (TRAIN, TEST))
    for num_contexts, found in enumerate(ngram.answers(train, test, NUM_TOKENS, 4)):
        assert found[:, 0] == pytest.approx(naive(num_contexts))
    assert found[2, 1] == 1  # "abr" goes on with "a": its commonest is right
    assert found[4, 1] == 0  # "abra" never went on with "x"


@pytest.mark.parametrize("predict", ["every-step", "last-step"])
def test_the_baselines_see_what_the_network_sees(tmp_path, predict):
    path = tmp_path / "text.txt"
    path.write_text("the quick brown fox jumps over the lazy dog. " * 60)
    loaded = schema.load(
        "char-lstm",
        [
            f"data.source={path}", "data.test_fraction=0.2", "preprocessing.sequence_length=20",
            f"preprocessing.predict={predict}", "preprocessing.stride=7",
        ],
    )  # fmt: skip
    dataset = data.load(loaded)
    test = dataset.splits.test
    found = dict(baselines.answers(loaded, dataset, None))
    assert list(found) == ["character frequencies", "5-gram model"]
    measured = {
        name: next_token.measure(kept, test.targets[test.rows], {}) for name, kept in found.items()
    }
    assert measured["character frequencies"]["loss"] == pytest.approx(2.9, abs=0.2)
    assert measured["5-gram model"]["loss"] < 0.35
    kept = found["5-gram model"]
    assert kept.shape == (len(test), *test.targets.shape[1:], 2)
    if predict == "every-step":  # the first character of a window has one before it
        assert -math.log(kept[:, 0, 0].mean()) > -math.log(kept[:, 10, 0].mean())
