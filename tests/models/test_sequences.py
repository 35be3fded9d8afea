"""Families that read sequences: what follows the end of one changes nothing."""

import keras
import numpy as np
import pytest

from dlcli.models import attention, pooled, transformer

STEPS, FEATURES = 7, 4
LENGTHS = np.array([1, 4, 7], np.int32)
X = np.random.default_rng(0).normal(size=(3, STEPS, FEATURES)).astype(np.float32)
CASES = [
    (pooled, {}),
    (pooled, {"pooling": "both", "units": (5,), "dropout": 0.1}),
    (attention, {"units": (3,)}),
    (attention, {"cell": "none"}),
    (attention, {"cell": "lstm", "units": (3, 3), "bidirectional": False, "dense_units": (5,)}),
    (transformer, {"units": 8, "num_heads": 2}),
    (transformer, {"units": 8, "positions": "sinusoidal", "pooling": "max", "num_blocks": 1}),
    (transformer, {"units": 8, "positions": "none", "dense_units": (5,)}),
]


def name(value):
    return value.__name__.rpartition(".")[2] if hasattr(value, "__name__") else str(value)


def network(family, with_lengths=True, **keywords):
    keras.utils.set_random_seed(0)
    inputs = keras.Input((STEPS, FEATURES))
    lengths = keras.Input((), dtype="int32") if with_lengths else None
    outputs = family.build(inputs, lengths, **keywords)
    return keras.Model([inputs, lengths] if with_lengths else inputs, outputs)


@pytest.mark.parametrize(("family", "keywords"), CASES, ids=name)
def test_what_follows_the_end_changes_nothing(family, keywords):
    model = network(family, **keywords)
    padded = X.copy()
    for row, length in zip(padded, LENGTHS, strict=True):
        row[length:] = 1e3
    assert np.array_equal(model([X, LENGTHS]), model([padded, LENGTHS]))


@pytest.mark.parametrize(("family", "keywords"), CASES, ids=name)
def test_a_whole_sequence_needs_no_lengths(family, keywords):
    model = network(family, **keywords)
    whole = network(family, with_lengths=False, **keywords)
    whole.set_weights(model.get_weights())
    assert np.allclose(whole(X)[2], model([X, LENGTHS])[2], atol=1e-6)


@pytest.mark.parametrize(("family", "keywords"), CASES, ids=name)
def test_a_padded_sequence_answers_like_the_same_one_cut_off(family, keywords):
    """The true meaning of padding: not only constant, but absent."""
    if keywords.get("positions", "learned") == "learned" and family is transformer:
        keywords = {**keywords, "positions": "sinusoidal"}  # weights of as many shapes
    model = network(family, **keywords)
    short = keras.Input((4, FEATURES))
    cut = keras.Model(short, family.build(short, None, **keywords))
    cut.set_weights(model.get_weights())
    assert np.allclose(cut(X[1:2, :4])[0], model([X, LENGTHS])[1], atol=1e-6)


@pytest.mark.parametrize(("family", "keywords"), CASES, ids=name)
def test_a_saved_network_answers_the_same(family, keywords, tmp_path):
    model = network(family, **keywords)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert np.array_equal(model([X, LENGTHS]), loaded([X, LENGTHS]))


def test_the_weights_of_attention_can_be_read_and_add_up_to_one():
    model = network(attention, cell="none")
    layer = model.get_layer("attention")
    weights = np.array(layer.step_weights(X, LENGTHS))
    assert np.allclose(weights.sum(axis=1), 1)
    assert (weights[0, 1:] == 0).all()
    assert (weights[1, 4:] == 0).all()
    expected = np.einsum("bs,bsf->bf", weights, X)
    assert np.allclose(layer(X, LENGTHS), expected, atol=1e-6)


def test_a_transformer_that_answers_at_every_step_knows_nothing_of_those_to_come():
    inputs = keras.Input((STEPS, FEATURES))
    model = keras.Model(inputs, transformer.build(inputs, None, every_step=True, units=8))
    later = X.copy()
    later[:, 4:] += 1
    assert model(X).shape == (3, STEPS, 8)
    assert np.allclose(model(X)[:, :4], model(later)[:, :4], atol=1e-6)
    assert not np.allclose(model(X)[:, 4:], model(later)[:, 4:], atol=1e-3)


def test_heads_must_divide_the_units():
    with pytest.raises(ValueError, match=r"model\.units=8 is no multiple of model\.num_heads=3"):
        network(transformer, units=8, num_heads=3)
