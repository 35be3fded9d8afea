"""Every family, found by its name: it builds, learns with all its weights, saves and exports."""

import importlib
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from dlcli import catalog, preprocessing, recipe, sections, tasks
from dlcli.data import DataSpec, Split
from dlcli.inputs.columns import Column

FAMILIES = catalog.family_names()
CASES = [(task, family) for task in sections.TASKS for family in recipe.families_for(task)]
SPEC = DataSpec((28, 28, 1), "uint8", tuple("0123456789"), "")
TABLE_COLUMNS = (Column("age", "age", "number"), Column("town", "town", "category"))
# Of the defaults on 28x28 gray images and ten classes, or on the five features of a table below
# and ten classes or a number; worked out by hand where that is short.
NUM_PARAMETERS = {
    ("image-classification", "cnn"): 225_034,
    ("image-classification", "linear"): 28 * 28 * 10 + 10,
    ("image-classification", "mlp"): 28 * 28 * 128 + 128 + 128 * 10 + 10,
    ("image-classification", "resnet"): 273_754,
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
}  # fmt: skip


def made_up_images(task, count=4):
    pixels = np.random.default_rng(0).integers(0, 256, (count, *SPEC.input_shape), np.uint8)
    return SPEC, pixels


def made_up_table(task, count=4):
    """A number with gaps and three categories: five features."""
    examples = {
        "age": np.array([3, 1, np.nan, 2] * 3, np.float32),
        "town": np.array(["Bonn", "Ulm", "Köln", "Ulm"] * 3, object),
    }
    spec = DataSpec(
        (), "", SPEC.class_names if task == "table-classification" else (), "",
        columns=TABLE_COLUMNS, target_mean=5.0, target_std=2.0,
    )  # fmt: skip
    return spec, {key: values[: count or None] for key, values in examples.items()}


def made_up_texts(task, count=4):
    """Eight different tokens; the longest text has four, and one text none."""
    texts = np.array(["a b c d", "", "E, f 猫", "b a c , e d f 猫 a b"] * 3, object)
    spec = DataSpec((), "string", SPEC.class_names, "", text="text")
    return spec, texts[: count or None]


MADE_UP = {"image": made_up_images, "table": made_up_table, "text": made_up_texts}
STARTS = {"image": "digits-cnn", "table": "table-linear", "text": "text-bilstm"}


def build_core(task, family, *overrides, spec=None):
    keras.utils.set_random_seed(0)
    overrides = [f"task={task}", f"model={{family: {family}}}", *overrides]
    if sections.kind_of(task) == "text":
        overrides.append("preprocessing.sequence_length=4")
    loaded = recipe.load(STARTS[sections.kind_of(task)], overrides)
    train = None
    if sections.kind_of(task) != "image":
        made_up, examples = MADE_UP[sections.kind_of(task)](task, count=0)
        train = Split(examples, np.zeros(12), np.arange(12), [""] * 12)
        spec = spec or made_up
    spec = spec or SPEC
    preprocessor = preprocessing.adapt(loaded, train, spec)
    return preprocessor, tasks.build_core(loaded, preprocessor, spec, "float32")


def batch(task):
    examples = MADE_UP[sections.kind_of(task)](task)[1]
    return tf.nest.map_structure(tf.constant, examples)


@pytest.mark.parametrize(("task", "family"), CASES)
def test_a_family_gives_an_answer_and_every_weight_gets_a_gradient(task, family):
    preprocessor, core = build_core(task, family)
    with tf.GradientTape() as tape:
        answer = core(preprocessor(batch(task)), training=True)
        if task.endswith("classification"):
            loss = -tf.reduce_mean(tf.math.log(answer[:, 3]))
        else:
            loss = tf.reduce_mean(tf.square(answer - 1))
    gradients = tape.gradient(loss, [variable.value for variable in core.trainable_variables])

    if task.endswith("classification"):
        assert answer.shape == (4, 10)
        assert np.allclose(tf.reduce_sum(answer, axis=1), 1, atol=1e-5)
    else:
        assert answer.shape == (4, 1)
        assert np.isfinite(answer).all()
    for variable, found in zip(core.trainable_variables, gradients, strict=True):
        assert found is not None, variable.path
        gradient = np.array(tf.convert_to_tensor(found))  # that of an embedding is sparse
        assert np.isfinite(gradient).all(), variable.path
        assert np.abs(gradient).max() > 0, variable.path


@pytest.mark.parametrize(("task", "family"), CASES)
def test_a_family_has_the_parameters_of_its_source(task, family):
    assert build_core(task, family)[1].count_params() == NUM_PARAMETERS[task, family]


@pytest.mark.parametrize(("task", "family"), CASES)
def test_a_saved_model_answers_the_same(task, family, tmp_path):
    model = tasks.end_to_end(*build_core(task, family))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert np.array_equal(model(batch(task)), loaded(batch(task)))


@pytest.mark.parametrize(("task", "family"), CASES)
def test_every_key_of_a_family_has_a_description_and_can_be_left_out(task, family):
    keys = [key for key in recipe.keys(task, family) if "model." in key.name]
    assert all(key.description for key in keys)
    assert [key.name for key in keys if key.default is None] == ["model.family"]


def images(count=4, spec=SPEC):
    return np.random.default_rng(0).integers(0, 256, (count, *spec.input_shape), np.uint8)


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
        "image-classification", "cnn", *overrides, "model.global_pooling=true", spec=spec
    )
    model = tasks.end_to_end(preprocessor, core)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert np.array_equal(model(images(spec=spec)), loaded(images(spec=spec)))


def test_local_response_normalization_is_that_of_the_paper():
    from dlcli.layers.local_response_normalization import LocalResponseNormalization

    x = np.random.default_rng(0).normal(size=(2, 3, 3, 7)).astype(np.float32)
    expected = np.empty_like(x)
    for channel in range(7):
        near = x[..., max(0, channel - 2) : channel + 3]
        expected[..., channel] = x[..., channel] / (2 + 1e-4 * (near**2).sum(-1)) ** 0.75
    assert np.allclose(LocalResponseNormalization()(x), expected, atol=1e-6)


def test_layer_normalization_tells_inputs_of_different_length_apart():
    """It would not without a bias before it: all that is left of an input is its direction."""
    _, core = build_core("table-regression", "mlp", "model.normalization=layer")
    for layer in core.layers:
        if isinstance(layer, keras.layers.Dense):
            layer.bias.assign(keras.random.normal(layer.bias.shape, seed=0))
    x = np.ones((1, 5), np.float32)
    assert abs(float(core(x)[0, 0] - core(3 * x)[0, 0])) > 1e-3
