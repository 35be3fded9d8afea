"""Keys of running text: defaults and what they take."""

import pytest

from dlcli.recipe.sections import language_modeling


def test_defaults():
    assert language_modeling.Data().model_dump() == {
        "source": None,
        "validation_fraction": 0.05,
        "test_fraction": 0.05,
        "encoding": "auto",
    }
    assert language_modeling.Preprocessing().model_dump() == {
        "sequence_length": 100,
        "predict": "every-step",
        "stride": None,
        "moving_windows": True,
        "min_count": 2,
    }
    assert language_modeling.Embedding().model_dump() == {"size": None, "dropout": 0.0}


@pytest.mark.parametrize("key", ["validation_fraction", "test_fraction"])
def test_every_part_has_a_share_of_the_text(takes, key):
    takes(language_modeling.Data, key, [0.001, 0.999], [0, 1, -0.1])


@pytest.mark.parametrize(
    ("key", "accepted", "refused"),
    [
        ("sequence_length", [2, 1000], [1, None]),
        ("predict", ["every-step", "last-step"], ["first-step"]),
        ("stride", [None, 1], [0, "auto"]),
        ("moving_windows", [True, False], ["auto", 1]),
        ("min_count", [1, 5], [0, None]),
    ],
)
def test_preprocessing(takes, key, accepted, refused):
    takes(language_modeling.Preprocessing, key, accepted, refused)


@pytest.mark.parametrize(
    ("key", "accepted", "refused"),
    [("size", [None, 1], [0, 0.5]), ("dropout", [0, 0.99], [-0.1, 1])],
)
def test_embedding(takes, key, accepted, refused):
    takes(language_modeling.Embedding, key, accepted, refused)
