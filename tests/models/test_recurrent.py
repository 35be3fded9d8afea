"""The recurrent family: what follows the end of a sequence changes nothing, as with a mask."""

import keras
import numpy as np
import pytest
from keras import layers

from dlcli.errors import RecipeError
from dlcli.models import recurrent

STEPS, FEATURES = 7, 3
LENGTHS = np.array([1, 4, 7], np.int32)
X = np.random.default_rng(0).normal(size=(3, STEPS, FEATURES)).astype(np.float32)


def network(with_lengths=True, every_step=False, **keywords):
    keras.utils.set_random_seed(0)
    inputs = keras.Input((STEPS, FEATURES))
    lengths = keras.Input((), dtype="int32") if with_lengths else None
    outputs = recurrent.build(inputs, lengths, every_step, **keywords)
    return keras.Model([inputs, lengths] if with_lengths else inputs, outputs)


@pytest.mark.parametrize("cell", ["simple", "lstm", "gru"])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_lengths_give_what_a_mask_gives(cell, bidirectional):
    """Against Keras's own Bidirectional and Masking, stacked, with the same weights."""
    model = network(cell=cell, bidirectional=bidirectional, units=(4, 5))
    inputs = keras.Input((STEPS, FEATURES))
    x = layers.Masking(mask_value=-99.0)(inputs)
    classes = {"simple": layers.SimpleRNN, "lstm": layers.LSTM, "gru": layers.GRU}
    for num_units, sequences in ((4, True), (5, False)):
        layer = classes[cell](num_units, return_sequences=sequences)
        x = (layers.Bidirectional(layer) if bidirectional else layer)(x)
    masked = keras.Model(inputs, x)
    directions = ("forward", "backward") if bidirectional else ("forward",)
    named = [model.get_layer(f"recurrent_{n}_{each}") for n in (1, 2) for each in directions]
    masked.set_weights([weight for layer in named for weight in layer.get_weights()])
    padded = X.copy()
    for row, length in zip(padded, LENGTHS, strict=True):
        row[length:] = -99.0
    assert np.allclose(model([X, LENGTHS]), masked(padded), atol=1e-6)


@pytest.mark.parametrize("pooling", ["last", "mean", "max"])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_what_follows_the_end_changes_nothing(pooling, bidirectional):
    model = network(pooling=pooling, bidirectional=bidirectional, units=(4, 4))
    padded = X.copy()
    for row, length in zip(padded, LENGTHS, strict=True):
        row[length:] = 1e3
    assert np.array_equal(model([X, LENGTHS]), model([padded, LENGTHS]))
    whole = network(with_lengths=False, pooling=pooling, bidirectional=bidirectional, units=(4, 4))
    whole.set_weights(model.get_weights())
    assert np.allclose(whole(X)[2], model([X, LENGTHS])[2], atol=1e-6)


def test_an_answer_at_every_step_knows_nothing_of_the_steps_to_come():
    model = network(with_lengths=False, every_step=True, units=(4, 5), pooling="mean")
    later = X.copy()
    later[:, 4:] += 1
    assert model(X).shape == (3, STEPS, 5)
    assert np.array_equal(model(X)[:, :4], model(later)[:, :4])
    with pytest.raises(RecipeError, match="both ends"):
        network(with_lengths=False, every_step=True, bidirectional=True)


@pytest.mark.parametrize("cell", ["simple", "lstm", "gru"])
@pytest.mark.parametrize("dense_units", [(), (3,)])
def test_step_by_step_gives_what_the_sequence_gives(cell, dense_units):
    keywords = {"cell": cell, "units": (4, 5), "activation": "relu", "dense_units": dense_units}
    whole = network(with_lengths=False, every_step=True, dropout=0.3, **keywords)
    defaults = {"bidirectional": False, "pooling": "last", "dense_activation": "relu"}
    sizes = recurrent.states(**keywords, **defaults)
    states = {name: keras.Input((size,), name=name) for name, size in sizes.items()}
    inputs = keras.Input((1, FEATURES), name="inputs")
    features, after = recurrent.build_step(inputs, states, **keywords, **defaults)
    step = keras.Model({"inputs": inputs, **states}, {"features": features, **after})
    step.set_weights(whole.get_weights())
    state = {name: keras.ops.zeros((len(X), size)) for name, size in sizes.items()}
    for position in range(STEPS):
        state = step({"inputs": keras.ops.array(X[:, position : position + 1]), **state})
        assert np.allclose(state.pop("features"), whole(X)[:, position], atol=1e-6)


@pytest.mark.parametrize("key", [{"bidirectional": True}, {"pooling": "mean"}])
def test_a_network_that_needs_all_steps_has_no_state(key):
    keywords = {"cell": "gru", "units": (4,), "bidirectional": False, "pooling": "last"}
    with pytest.raises(RecipeError, match="cannot go on step by step"):
        recurrent.states(**{**keywords, **key})


@pytest.mark.parametrize("pooling", ["last", "max"])
def test_a_saved_network_answers_the_same(pooling, tmp_path):
    model = network(bidirectional=True, units=(4,), pooling=pooling, dense_units=(3,))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert np.array_equal(model([X, LENGTHS]), loaded([X, LENGTHS]))
