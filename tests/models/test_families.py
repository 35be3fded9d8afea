"""Every family, found by its name: it builds, learns with all its weights, saves and exports."""

import importlib
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from dlcli import catalog, kinds, outputs, preprocessing, tasks
from dlcli.data import DataSpec, Split
from dlcli.generation.keras_steps import KerasSteps
from dlcli.recipe import schema
from dlcli.tasks import step
from tests import made_up

FAMILIES = catalog.family_names()
CASES = [(task, family) for task in kinds.tasks() for family in schema.families_for(task)]
SPEC = DataSpec((28, 28, 1), "uint8", tuple("0123456789"), "")
SHORT = {"text": ["preprocessing.sequence_length=4"]}
# Of the defaults on 28x28 gray images and ten classes, or on the five features of the table of
# tests/made_up.py and ten classes or a number; worked out by hand where that is short.
NUM_PARAMETERS = {
    ("image-classification", "cnn"): 225_034,
    ("image-classification", "linear"): 28 * 28 * 10 + 10,
    ("image-classification", "mlp"): 28 * 28 * 128 + 128 + 128 * 10 + 10,
    ("image-classification", "resnet"): 273_754,
    ("image-generation", "gan"): 608_577,
    # Of ten steps of two columns: ten classes, or three steps of both columns.
    ("sequence-classification", "attention"): 2 * 3 * 64 * (2 + 64 + 2)
    + 128 * 64 + 64 + 64 + 128 * 10 + 10,
    ("sequence-classification", "linear"): 20 * 10 + 10,
    ("sequence-classification", "mlp"): 20 * 128 + 128 + 128 * 10 + 10,
    ("sequence-classification", "pooled"): 2 * 10 + 10,
    ("sequence-classification", "recurrent"): 4 * 64 * (2 + 64 + 1) + 64 * 10 + 10,
    ("sequence-classification", "transformer"): 2 * 64 + 64 + 10 * 64
    + 2 * (2 * 128 + 4 * 64 * 64 + 64 * 128 + 128 + 128 * 64 + 64) + 128 + 64 * 10 + 10,
    ("series-forecasting", "attention"): 2 * 3 * 64 * (2 + 64 + 2)
    + 128 * 64 + 64 + 64 + 128 * 6 + 6,
    ("series-forecasting", "dlinear"): 2 * 10 * 3 + 3,
    ("series-forecasting", "linear"): 20 * 6 + 6,
    ("series-forecasting", "mlp"): 20 * 128 + 128 + 128 * 6 + 6,
    ("series-forecasting", "pooled"): 2 * 6 + 6,
    ("series-forecasting", "recurrent"): 4 * 64 * (2 + 64 + 1) + 64 * 6 + 6,
    ("series-forecasting", "transformer"): 2 * 64 + 64 + 10 * 64
    + 2 * (2 * 128 + 4 * 64 * 64 + 64 * 128 + 128 + 128 * 64 + 64) + 128 + 64 * 6 + 6,
    ("table-classification", "linear"): 5 * 10 + 10,
    ("table-classification", "mlp"): 5 * 128 + 128 + 128 * 10 + 10,
    ("table-regression", "linear"): 5 + 1,
    ("table-regression", "mlp"): 5 * 128 + 128 + 128 + 1,
    # Of texts with eight different tokens: ten vectors of 64.
    ("text-classification", "attention"): 640
    + 2 * 3 * 64 * (64 + 64 + 2) + 128 * 64 + 64 + 64 + 128 * 10 + 10,
    ("text-classification", "pooled"): 640 + 64 * 10 + 10,
    ("text-classification", "recurrent"): 640 + 4 * 64 * (64 + 64 + 1) + 64 * 10 + 10,
    ("text-classification", "transformer"): 640
    + 64 * 64 + 64 + 4 * 64
    + 2 * (2 * 128 + 4 * 64 * 64 + 64 * 128 + 128 + 128 * 64 + 64) + 128 + 64 * 10 + 10,
    # Of eight characters and the two reserved ones: an LSTM of 64, and the scores.
    ("text-generation", "recurrent"): 4 * ((10 + 64) * 64 + 64) + 64 * 10 + 10,
}  # fmt: skip
# A probability for each class has the same weights.
NUM_PARAMETERS |= {
    (f"{kind}-multilabel", family): NUM_PARAMETERS[f"{kind}-classification", family]
    for kind in ("image", "text")
    for family in schema.families_for(f"{kind}-multilabel")
}


def build_core(task, family, *overrides, spec=None):
    keras.utils.set_random_seed(0)
    kind = kinds.for_task(task)
    overrides = [f"task={task}", f"model={{family: {family}}}", *overrides]
    loaded = schema.load(kind.example_recipe, [*overrides, *SHORT.get(kind.name, ())])
    described, examples = made_up.of(task)
    count = made_up.COUNT
    train = Split(examples, np.zeros(count), np.arange(count), [""] * count)
    spec = spec or described
    preprocessor = preprocessing.adapt(loaded, train, spec)
    return preprocessor, tasks.build_core(loaded, preprocessor, spec, "float32")


def keys_of(task, family):
    """The keys of the family's own section and their defaults."""
    keys = (key for key in schema.described_keys(task, family) if key.name.startswith("model."))
    return [(key.name.removeprefix("model."), key.default) for key in keys]


def batch(task):
    return tf.nest.map_structure(tf.constant, made_up.first(made_up.of(task)[1], 4))


@pytest.mark.parametrize(("task", "family"), CASES)
def test_a_family_gives_an_answer_and_every_weight_gets_a_gradient(task, family):
    preprocessor, core = build_core(task, family)
    output = kinds.output_of(task)
    with tf.GradientTape() as tape:
        answer = core(preprocessor(batch(task)), training=True)
        if output.has_classes:
            loss = -tf.reduce_mean(tf.math.log(answer[..., 3]))
        else:
            loss = tf.reduce_mean(tf.square(answer - 1))
    gradients = tape.gradient(loss, [variable.value for variable in core.trainable_variables])

    if output.has_classes:
        assert answer.shape == ((4, 8, 10) if output.continues_text else (4, 10))
        if output.has_several_classes:
            assert 0 < np.min(answer) < np.max(answer) < 1
        else:
            assert np.allclose(tf.reduce_sum(answer, axis=-1), 1, atol=1e-5)
    else:
        steps = (3, 2) if output.has_steps else (1,)
        assert answer.shape == (4, *(SPEC.input_shape if output.makes_images else steps))
        assert np.isfinite(answer).all()
    for variable, gradient in zip(core.trainable_variables, gradients, strict=True):
        assert gradient is not None, variable.path
        values = np.array(tf.convert_to_tensor(gradient))  # that of an embedding is sparse
        assert np.isfinite(values).all(), variable.path
        assert np.abs(values).max() > 0, variable.path


@pytest.mark.parametrize(("task", "family"), CASES)
def test_a_family_has_the_parameters_of_its_source(task, family):
    count = build_core(task, family)[1].count_params()
    if (task, family) not in NUM_PARAMETERS:
        pytest.fail(
            f"add ({task!r}, {family!r}) to NUM_PARAMETERS in tests/models/test_families.py, with "
            f"its number of parameters worked out from its source; it has {count}"
        )
    assert count == NUM_PARAMETERS[task, family]


@pytest.mark.parametrize(("task", "family"), CASES)
def test_a_saved_model_answers_the_same(task, family, tmp_path):
    model = tasks.end_to_end(*build_core(task, family))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert np.array_equal(model(batch(task)), loaded(batch(task)))


@pytest.mark.parametrize(("task", "family"), CASES)
def test_every_key_of_a_family_has_a_description_and_can_be_left_out(task, family):
    keys = [key for key in schema.described_keys(task, family) if "model." in key.name]
    assert all(key.description for key in keys)
    assert [key.name for key in keys if key.default is None] == ["model.family"]


@pytest.mark.parametrize("family", schema.families_for("text-generation"))
def test_a_family_of_running_text_goes_step_by_step_with_the_same_weights(family):
    preprocessor, core = build_core("text-generation", family)
    loaded = schema.load("char-lstm", [f"model={{family: {family}}}"])
    steps = KerasSteps(step.build(loaded, preprocessor, made_up.of("text-generation")[0]), {})
    steps.set_weights(core.get_weights())
    tokens = np.array([[2, 5, 9, 1], [3, 3, 4, 2]], np.int32)
    expected, state = np.asarray(core(tokens)), steps.start(2)
    for position, column in enumerate(tokens.T):
        answer, state = steps.step(column, state)
        assert np.allclose(answer, expected[:, position], atol=1e-6)


def images(count=4, spec=SPEC):
    return np.random.default_rng(0).integers(0, 256, (count, *spec.input_shape), np.uint8)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_builds_with_every_kind_and_output_that_it_declares(family, monkeypatch):
    """Also those that no task puts together yet: a new task needs no change of a family."""
    module = catalog.family(family)
    declared = {
        f"{kind}-{output}": (kinds.all_kinds()[kind], outputs.all_outputs()[output])
        for kind in module.INPUT_KINDS
        for output in module.OUTPUTS
    }
    assert len(declared) == len(module.INPUT_KINDS) * len(module.OUTPUTS) > 0
    assert any(pair in kinds.tasks().values() for pair in declared.values())
    forecast = made_up.of("series-forecasting")[0].forecast
    monkeypatch.setattr(kinds, "tasks", lambda: declared)
    for task, (kind, output) in declared.items():
        assert family in schema.families_for(task)
        spec = made_up.of(task)[0]
        spec = replace(spec, class_names=spec.class_names or SPEC.class_names, series=forecast)
        last = kind.name == "language_modeling" and not output.continues_text
        overrides = ["preprocessing.predict=last-step"] * last
        _, core = build_core(task, family, *overrides, spec=spec)
        assert core.output.dtype == "float32"


def test_what_a_family_cannot_have_is_no_choice():
    assert schema.families_for("text-generation") == ["recurrent"]
    assert schema.families_for("image-generation") == ["gan"]
    assert "dlinear" in schema.families_for("series-forecasting")
    assert "dlinear" not in schema.families_for("sequence-classification")


def test_a_family_is_one_file(tmp_path, monkeypatch):
    """A new file is found by its name, its keys are checked, and it builds."""
    source = importlib.util.find_spec("dlcli.models.mlp").origin
    monkeypatch.setattr("dlcli.models.__path__", [*_models_path(), str(tmp_path)])
    (tmp_path / "brandnew.py").write_text(Path(source).read_text())
    monkeypatch.setattr(catalog, "family_names", lambda: [*FAMILIES, "brandnew"])
    _, core = build_core("image-classification", "brandnew", "model.units=[7]")
    assert core.count_params() == 28 * 28 * 7 + 7 + 7 * 10 + 10


def _models_path():
    import dlcli.models

    return list(dlcli.models.__path__)


@pytest.mark.parametrize("normalization", ["none", "batch", "layer", "local_response"])
@pytest.mark.parametrize("pooling", ["max", "average"])
def test_the_options_of_the_cnn_all_build_and_save(normalization, pooling, tmp_path):
    spec = DataSpec((16, 16, 3), "uint8", ("a", "b"), "")
    overrides = (f"model.normalization={normalization}", f"model.pooling={pooling}")
    preprocessor, core = build_core(
        "image-classification", "cnn", *overrides, "model.global_pooling=average", spec=spec
    )
    model = tasks.end_to_end(preprocessor, core)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert np.array_equal(model(images(spec=spec)), loaded(images(spec=spec)))


PENALIZED = [(task, family) for task, family in CASES if "l2" in dict(keys_of(task, family))]


@pytest.mark.parametrize(("task", "family"), PENALIZED)
def test_penalties_are_on_every_kernel_and_nothing_else(task, family):
    _, core = build_core(task, family, "model.l1=0.25", "model.l2=0.5")
    kernels = [layer.kernel for layer in core.layers if hasattr(layer, "kernel")]
    expected = sum(
        0.25 * np.abs(kernel).sum() + 0.5 * np.square(kernel).sum()
        for kernel in map(np.asarray, kernels)
    )
    assert float(sum(core.losses)) == pytest.approx(expected, rel=1e-5)
    assert len(core.losses) == len(kernels)


@pytest.mark.parametrize(("task", "family"), PENALIZED)
def test_without_penalties_there_are_none(task, family):
    assert build_core(task, family)[1].losses == []


@pytest.mark.parametrize("family", ["cnn", "mlp", "resnet"])
@pytest.mark.parametrize(
    "overrides",
    [
        ("model.activation=selu", "model.kernel_initializer=lecun_normal"),
        ("model.activation=leaky_relu", "model.kernel_initializer=orthogonal"),
        ("model.normalization=layer", "model.dropout=0.2"),
        ("model.normalization=none", "model.activation=tanh"),
    ],
    ids=" ".join,
)
def test_the_options_that_families_share_build_save_and_answer(family, overrides, tmp_path):
    model = tasks.end_to_end(*build_core("image-classification", family, *overrides))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert np.array_equal(model(images()), loaded(images()))


@pytest.mark.parametrize(
    ("family", "overrides", "layer"),
    [
        ("cnn", ["model.global_pooling=average"], "GlobalAveragePooling2D"),
        ("cnn", ["model.global_pooling=max"], "GlobalMaxPooling2D"),
        ("cnn", [], "Flatten"),
        ("cnn", ["model.pooling=average"], "AveragePooling2D"),
        ("resnet", [], "GlobalAveragePooling2D"),
        ("resnet", ["model.global_pooling=max"], "GlobalMaxPooling2D"),
    ],
)
def test_pooling_is_what_the_recipe_says(family, overrides, layer):
    _, core = build_core("image-classification", family, *overrides)
    assert layer in {type(each).__name__ for each in core.layers}


def test_strides_of_the_stem_and_convolutions_a_block_change_what_they_say():
    _, plain = build_core("image-classification", "resnet")
    _, strided = build_core("image-classification", "resnet", "model.stem_strides=2")
    assert strided.count_params() == plain.count_params()
    first = next(each for each in strided.layers if isinstance(each, keras.layers.Conv2D))
    assert first.output.shape[1:3] == (14, 14)
    _, core = build_core(
        "image-classification", "cnn", "model.num_convolutions=2", "model.padding=same"
    )
    assert sum(isinstance(each, keras.layers.Conv2D) for each in core.layers) == 4


@pytest.mark.parametrize("normalization", ["none", "batch", "layer", "local_response"])
@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_the_cnn_trains_in_every_precision(normalization, precision):
    loaded = schema.load("digits-cnn", [f"model.normalization={normalization}"])
    preprocessor = preprocessing.adapt(loaded, None, SPEC)
    core = tasks.build_core(loaded, preprocessor, SPEC, precision)
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(core(preprocessor(images()), training=True)[:, 3])
    assert np.isfinite(loss)
    assert all(np.isfinite(each).all() for each in tape.gradient(loss, core.trainable_weights))


def test_layer_normalization_tells_inputs_of_different_length_apart():
    """It would not without a bias before it: all that is left of an input is its direction."""
    _, core = build_core("table-regression", "mlp", "model.normalization=layer")
    for layer in core.layers:
        if isinstance(layer, keras.layers.Dense):
            layer.bias.assign(keras.random.normal(layer.bias.shape, seed=0))
    x = np.ones((1, 5), np.float32)
    assert abs(float(core(x)[0, 0] - core(3 * x)[0, 0])) > 1e-3
