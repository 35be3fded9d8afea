"""Keys of texts: defaults and what they take."""

import pytest

from dlcli.recipe.sections import text


def test_defaults():
    assert text.Data().model_dump() == {
        "source": None,
        "folders": "auto",
        "text": None,
        "label": None,
        "validation_fraction": 0.1,
        "test_fraction": 0.2,
        "split_seed": 0,
        "copies": "together",
        "header": "auto",
        "encoding": "auto",
        "separator": "auto",
        "quote": "auto",
        "skip_lines": "auto",
        "label_case": "keep",
        "label_separator": "auto",
    }
    assert text.Preprocessing().model_dump() == {
        "split": "word",
        "lower_case": True,
        "strip_accents": False,
        "vocabulary_size": 20_000,
        "min_token_count": 2,
        "sequence_length": None,
        "truncation": "end",
    }
    assert text.Embedding().model_dump() == {
        "size": 64,
        "dropout": 0.0,
        "token_dropout": 0.0,
        "bigram_buckets": 0,
    }


@pytest.mark.parametrize(
    ("key", "accepted", "refused"),
    [
        ("split", ["word", "character"], ["sentence"]),
        ("lower_case", [True, False], ["no", 0]),
        ("strip_accents", [True, False], ["no", None]),
        ("vocabulary_size", [1, 10**6], [0, None]),
        ("min_token_count", [1, 9], [0, None]),
        ("sequence_length", [None, 1, 4096], [0, "auto"]),
        ("truncation", ["end", "start"], ["middle"]),
    ],
)
def test_preprocessing(takes, key, accepted, refused):
    takes(text.Preprocessing, key, accepted, refused)


@pytest.mark.parametrize(
    ("key", "accepted", "refused"),
    [
        ("size", [None, 1, 300], [0, 0.5]),
        ("dropout", [0, 0.99], [-0.1, 1]),
        ("token_dropout", [0, 0.99], [-0.1, 1]),
        ("bigram_buckets", [0, 10_000_000], [-1, 10_000_001, None]),
    ],
)
def test_embedding(takes, key, accepted, refused):
    takes(text.Embedding, key, accepted, refused)
