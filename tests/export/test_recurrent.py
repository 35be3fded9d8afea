"""Recurrent networks as TFLite and ONNX files: builtin operators, and no memory between calls."""

import keras
import numpy as np
import pytest
from keras import layers, ops

from dlcli import artifacts, tasks
from dlcli.errors import ArtifactError
from dlcli.export import onnx, operators, recurrent, tflite
from dlcli.models import recurrent as family
from dlcli.tasks.entry import _steps

STEPS, NUM_TOKENS = 11, 20
DOCUMENT = {
    "format": "dlcli/1",
    "task": "sequence-classification",
    "class_names": ["a", "b", "c"],
    "target": "",
    # A kind whose raw examples are numbers already.
    "input": {"kind": "sequence", "name": "token_ids", "shape": [STEPS], "dtype": "int32"},
}
CASES = {
    "lstm": {},
    "stacked lstm": {"units": (6, 5)},
    "lstm in both directions": {"units": (6, 5), "bidirectional": True},
    "lstm with relu": {"activation": "relu"},
    "gru in both directions": {"cell": "gru", "bidirectional": True},
    "simple": {"cell": "simple"},
    "maximum over steps": {"pooling": "max"},
}
FUSED = ("lstm", "stacked lstm", "lstm in both directions", "maximum over steps")


def sequences():
    """Of all lengths from 0 to the most, short and long ones in turn."""
    generator = np.random.default_rng(0)
    lengths = [0, STEPS, 1, STEPS - 1, 2, *range(STEPS), *range(STEPS + 1)]
    token_ids = np.zeros((len(lengths), STEPS), np.int32)
    for row, length in zip(token_ids, lengths, strict=True):
        row[:length] = generator.integers(1, NUM_TOKENS, length)
    return token_ids


def end_to_end(**keywords):
    """Tokens to three classes, with weights large enough for a state to matter."""
    keras.utils.set_random_seed(0)
    token_ids = keras.Input((STEPS,), dtype="int32", name="token_ids")
    vectors = layers.Embedding(NUM_TOKENS, 4)(token_ids)
    lengths = _steps.count(ops.not_equal(token_ids, 0))
    features = family.build(vectors, lengths, **{"units": (6,), **keywords})
    core = keras.Model(token_ids, layers.Dense(3, activation="softmax")(features), name="core")
    generator = np.random.default_rng(1)
    core.set_weights([w + 0.4 * generator.normal(size=w.shape) for w in core.get_weights()])
    raw = keras.Input((STEPS,), dtype="int32", name="token_ids")
    preprocessor = keras.Model(raw, layers.Identity()(raw), name="preprocessor")
    return tasks.end_to_end(preprocessor, core)


def check(model, path, tolerance):
    """One by one in two orders, and together: what the model answers."""
    token_ids = sequences()
    predictor = artifacts.load(path)
    expected = model.predict(token_ids, verbose=0)
    assert expected.std(axis=0).max() > 0.02, "a network whose answers are all alike shows nothing"
    one_by_one = [predictor.predict_batch(row[None])[0] for row in token_ids]
    backward = [predictor.predict_batch(row[None])[0] for row in token_ids[::-1]][::-1]
    twice = [predictor.predict_batch(token_ids[:1])[0] for _ in range(2)]
    assert np.array_equal(one_by_one, backward)
    assert np.array_equal(twice, [one_by_one[0]] * 2)
    assert np.abs(predictor.predict_batch(token_ids) - one_by_one).max() <= 1e-6
    assert np.abs(np.array(one_by_one) - expected).max() <= tolerance


@pytest.mark.parametrize("case", CASES)
def test_any_batch_size_answers_as_keras_does(case, tmp_path):
    model = end_to_end(**CASES[case])
    path = tmp_path / "model.tflite"
    tflite.write(model, DOCUMENT, path)
    found = operators.of(path)
    assert found["WHILE"] >= 1
    assert "UNIDIRECTIONAL_SEQUENCE_LSTM" not in found
    check(model, path, 1e-6)


@pytest.mark.parametrize("case", CASES)
def test_a_fixed_batch_size_gets_the_fused_kernel_where_it_is_exact(case, tmp_path):
    model = end_to_end(**CASES[case])
    path = tmp_path / "model.tflite"
    tflite.write(model, DOCUMENT, path, batch=1)
    found = operators.of(path)
    if case in FUSED:
        num_layers = len(CASES[case].get("units", (6,)))
        directions = 2 if CASES[case].get("bidirectional") else 1
        assert found["UNIDIRECTIONAL_SEQUENCE_LSTM"] == num_layers * directions
        assert "WHILE" not in found
    else:
        assert "UNIDIRECTIONAL_SEQUENCE_LSTM" not in found
    check(model, path, 1e-6)


@pytest.mark.parametrize(
    ("quantize", "batch", "tolerance"),
    [("float16", None, 2e-3), ("dynamic", 1, 2e-2), ("dynamic", None, 2e-2), ("int8", None, 0.1)],
)
def test_quantized_networks_have_no_memory_either(quantize, batch, tolerance, tmp_path):
    # Wide enough for the weights to be quantized: "dynamic" leaves arrays under 1,024 alone.
    units = 40 if quantize == "dynamic" else 24
    model = end_to_end(units=(units, units), bidirectional=True)
    path = tmp_path / "model.tflite"
    tflite.write(model, DOCUMENT, path, quantize=quantize, batch=batch, calibration=sequences())
    assert path.stat().st_size > 0
    check(model, path, tolerance)


def test_int8_of_a_fixed_batch_size_says_what_to_use(tmp_path):
    with pytest.raises(ArtifactError, match="cannot be both int8 and of a fixed batch") as caught:
        tflite.write(
            end_to_end(), DOCUMENT, tmp_path / "model.tflite", quantize="int8", batch=1,
            calibration=sequences(),
        )  # fmt: skip
    assert "Leave out --batch" in caught.value.hint


@pytest.mark.parametrize("case", ["lstm in both directions", "gru in both directions", "simple"])
def test_onnx_answers_as_keras_does_with_nodes_of_its_own(case, tmp_path):
    pytest.importorskip("tf2onnx", reason="the extra onnx is not installed")
    model = end_to_end(**CASES[case])
    path = tmp_path / "model.onnx"
    onnx.write(model, DOCUMENT, path)
    found = operators.of(path)
    if case.startswith("lstm"):
        assert found["LSTM"] == 4
        assert "Loop" not in found
    check(model, path, 1e-6)


# ---------------------------------------------------------------- the forms themselves


@pytest.mark.parametrize(
    ("layer", "keywords"),
    [
        ("LSTM", {"return_sequences": True, "go_backwards": True}),
        ("LSTM", {"recurrent_activation": "hard_sigmoid"}),
        ("LSTM", {"use_bias": False}),
        ("GRU", {"reset_after": False}),
        ("GRU", {"use_bias": False}),
        ("SimpleRNN", {"activation": "relu", "return_sequences": True}),
    ],
)
def test_the_loop_computes_every_option_of_the_layers(layer, keywords):
    keras.utils.set_random_seed(0)
    inputs = keras.Input((5, 3))
    model = keras.Model(inputs, getattr(layers, layer)(4, **keywords)(inputs))
    x = np.random.default_rng(0).normal(size=(2, 5, 3)).astype(np.float32)
    form = recurrent.rewritten(model, fuse=False)
    assert isinstance(form.layers[1], recurrent.RecurrentForm)
    assert np.abs(form(x) - model(x)).max() < 1e-6


def test_states_go_in_and_out():
    inputs, h, c = keras.Input((5, 3)), keras.Input((4,)), keras.Input((4,))
    layer = layers.LSTM(4, return_sequences=True, return_state=True)
    model = keras.Model([inputs, h, c], layer(inputs, initial_state=[h, c]))
    generator = np.random.default_rng(0)
    given = [
        generator.normal(size=shape).astype(np.float32) for shape in ((2, 5, 3), (2, 4), (2, 4))
    ]
    form = recurrent.rewritten(model, fuse=True)
    for ours, theirs in zip(form(given), model(given), strict=True):
        assert np.abs(ours - theirs).max() < 1e-6


@pytest.mark.parametrize(
    ("keywords", "expected"),
    [
        ({}, True),
        ({"activation": "relu"}, False),
        ({"recurrent_activation": "hard_sigmoid"}, False),
        ({"use_bias": False}, False),
    ],
)
def test_only_what_the_kernel_computes_is_fused(keywords, expected):
    assert recurrent.is_fusible(layers.LSTM(4, **keywords)) is expected
    assert not recurrent.is_fusible(layers.GRU(4))


def test_a_network_without_recurrent_layers_stays_as_it_is():
    inputs = keras.Input((3,))
    model = keras.Model(inputs, layers.Dense(2)(inputs))
    assert recurrent.rewritten(model, fuse=True) is model


def test_attention_needs_no_lowest_of_all_numbers():
    """Which int8 could not scale: the weights of the steps are those of the layer."""
    from dlcli.layers.attention_pooling import AttentionPooling

    inputs, lengths = keras.Input((5, 3)), keras.Input((), dtype="int32")
    model = keras.Model([inputs, lengths], AttentionPooling(4)(inputs, lengths))
    x = 50 * np.random.default_rng(0).normal(size=(3, 5, 3)).astype(np.float32)
    given = [x, np.array([1, 3, 5], np.int32)]
    form = recurrent.rewritten(model, fuse=False)
    assert type(form.layers[-1]) is not AttentionPooling
    assert np.abs(form(given) - model(given)).max() < 1e-5


def test_masks_that_int8_cannot_scale_are_an_error(tmp_path):
    """Beside -1e9 all scores of attention would be 0, and a metric may not show it."""
    from dlcli.models import transformer

    keras.utils.set_random_seed(0)
    token_ids = keras.Input((STEPS,), dtype="int32", name="token_ids")
    vectors = layers.Embedding(NUM_TOKENS, 4)(token_ids)
    lengths = _steps.count(ops.not_equal(token_ids, 0))
    features = transformer.build(vectors, lengths, num_blocks=1, units=4, num_heads=1)
    core = keras.Model(token_ids, layers.Dense(3, activation="softmax")(features), name="core")
    raw = keras.Input((STEPS,), dtype="int32", name="token_ids")
    preprocessor = keras.Model(raw, layers.Identity()(raw), name="preprocessor")
    model = tasks.end_to_end(preprocessor, core)
    path = tmp_path / "model.tflite"
    with pytest.raises(ArtifactError, match="cannot be int8: beside numbers as large") as caught:
        tflite.write(model, DOCUMENT, path, quantize="int8", calibration=sequences())
    assert caught.value.hint == "Choose --quantize dynamic or float16."
    assert not path.exists()
