"""Every layer, found by its name: it has the shape that it says, and a saved one is the same."""

import importlib
import inspect

import keras
import numpy as np
import pytest
import tensorflow as tf

from dlcli import catalog
from dlcli.inputs.characters import RESERVED_NAMES
from dlcli.layers.attention_pooling import AttentionPooling
from dlcli.layers.character_tokens import CharacterTokens
from dlcli.layers.filled_gaps import FilledGaps
from dlcli.layers.last_step import LastStep
from dlcli.layers.local_response_normalization import LocalResponseNormalization
from dlcli.layers.pooled_steps import PooledSteps
from dlcli.layers.positions import Positions
from dlcli.layers.present_steps import PresentSteps
from dlcli.layers.reverse_steps import ReverseSteps
from dlcli.layers.table_columns import TableColumns
from dlcli.layers.table_features import TableFeatures
from dlcli.layers.text_tokens import TextTokens

RNG = np.random.default_rng(0)
STEPS = RNG.normal(size=(3, 5, 4)).astype(np.float32)
LENGTHS = np.array([1, 3, 5], np.int32)
TEXTS = np.array(["a b", "", "c"], object)
GAPS = np.where(RNG.random((3, 5, 4)) < 0.3, np.nan, STEPS).astype(np.float32)
FEATURES = [
    {"mean": 1.0, "scale": 2.0, "indicator": True},
    {"num_categories": 2, "other": True, "indicator": False},
]
# Of each file of dlcli/layers: layers with arguments that are no defaults, and what they take.
CASES = [
    (AttentionPooling(6), (STEPS, LENGTHS)),
    (CharacterTokens((*RESERVED_NAMES, *"abc")), (TEXTS,)),
    (FilledGaps("forward", [0.0] * 4, keep_end=True, indicator=True), (GAPS,)),
    (LastStep(), (STEPS, LENGTHS)),
    (LocalResponseNormalization(1, 1.0, 0.1, 0.5), (STEPS[None],)),
    (PooledSteps("mean"), (STEPS, LENGTHS)),
    (PooledSteps("max"), (STEPS,)),
    (Positions("learned"), (STEPS,)),
    (Positions("sinusoidal"), (STEPS,)),
    (PresentSteps(), (STEPS, LENGTHS)),
    (ReverseSteps(), (STEPS, LENGTHS)),
    (TableColumns([None, ["a", "b"]]), ([STEPS[:, 0, 0], np.array(["b", "", "x"], object)],)),
    (TableFeatures(FEATURES, clip=2.0), (np.array([[1, 0], [np.nan, -1]], np.float32),)),
    (TextTokens(["a", "b"], 4, truncation="start", lower_case=False), (TEXTS,)),
]


def name(value):
    return value.name if isinstance(value, keras.Layer) else ""


def test_every_layer_is_among_the_cases():
    tested = {type(layer).__module__.rpartition(".")[2] for layer, _ in CASES}
    assert tested == set(catalog.layer_names())
    for each in tested:
        module = importlib.import_module(f"dlcli.layers.{each}")
        for kind in vars(module).values():
            if inspect.isclass(kind) and kind.__module__ == module.__name__:
                assert keras.saving.get_registered_name(kind) == f"dlcli>{kind.__name__}"


@pytest.mark.parametrize(("layer", "arguments"), CASES, ids=name)
def test_a_layer_gives_the_shape_that_it_says_and_a_saved_one_is_the_same(
    layer, arguments, tmp_path
):
    tensors = tf.nest.map_structure(tf.constant, arguments)
    inputs = tf.nest.map_structure(
        lambda each: keras.Input(each.shape[1:], dtype=each.dtype.name), tensors
    )
    outputs = layer(*inputs)
    model = keras.Model(tf.nest.flatten(inputs), outputs)
    tensors = tf.nest.flatten(tensors)
    given = model(tensors)
    assert given.dtype == outputs.dtype
    assert len(given.shape) == len(outputs.shape)
    for declared, real in zip(outputs.shape[1:], given.shape[1:], strict=True):
        assert declared in {None, real}
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(given, loaded(tensors))
    assert type(layer).from_config(layer.get_config()).get_config() == layer.get_config()
