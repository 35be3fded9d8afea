"""Every family, found by its name: it builds, learns with all its weights, saves and exports."""

import importlib
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from dlcli import catalog, preprocessing, recipe, tasks
from dlcli.data import DataSpec

FAMILIES = catalog.family_names()
SPEC = DataSpec((28, 28, 1), "uint8", tuple("0123456789"), "")
# Of the defaults on 28x28 gray images and ten classes; worked out by hand where that is short.
NUM_PARAMETERS = {
    "cnn": 225_034,
    "linear": 28 * 28 * 10 + 10,
    "mlp": 28 * 28 * 128 + 128 + 128 * 10 + 10,
    "resnet": 273_754,
}


def build_core(family, *overrides, spec=SPEC):
    keras.utils.set_random_seed(0)
    loaded = recipe.load("digits-cnn", [f"model={{family: {family}}}", *overrides])
    preprocessor = preprocessing.adapt(loaded, None, spec)
    return preprocessor, tasks.build_core(loaded, preprocessor, spec, "float32")


def images(count=4, spec=SPEC):
    return np.random.default_rng(0).integers(0, 256, (count, *spec.input_shape), np.uint8)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_gives_probabilities_and_every_weight_gets_a_gradient(family):
    preprocessor, core = build_core(family)
    with tf.GradientTape() as tape:
        probabilities = core(preprocessor(images()), training=True)
        loss = -tf.reduce_mean(tf.math.log(probabilities[:, 3]))
    gradients = tape.gradient(loss, [variable.value for variable in core.trainable_variables])

    assert probabilities.shape == (4, 10)
    assert np.allclose(tf.reduce_sum(probabilities, axis=1), 1, atol=1e-5)
    for variable, gradient in zip(core.trainable_variables, gradients, strict=True):
        assert gradient is not None, variable.path
        assert np.isfinite(gradient).all(), variable.path
        assert np.abs(gradient).max() > 0, variable.path


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_has_the_parameters_of_its_source(family):
    assert build_core(family)[1].count_params() == NUM_PARAMETERS[family]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_saved_model_answers_the_same(family, tmp_path):
    model = tasks.end_to_end(*build_core(family))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert np.array_equal(model(images()), loaded(images()))


@pytest.mark.parametrize("family", FAMILIES)
def test_every_key_of_a_family_has_a_description_and_can_be_left_out(family):
    keys = [key for key in recipe.keys("image-classification", family) if "model." in key.name]
    assert all(key.description for key in keys)
    assert [key.name for key in keys if key.default is None] == ["model.family"]


def test_a_family_is_one_file(tmp_path, monkeypatch):
    """A new file is found by its name, its keys are checked, and it builds."""
    source = importlib.util.find_spec("dlcli.models.mlp").origin
    monkeypatch.setattr("dlcli.models.__path__", [*_models_path(), str(tmp_path)])
    (tmp_path / "brandnew.py").write_text(Path(source).read_text())
    monkeypatch.setattr(catalog, "family_names", lambda: [*FAMILIES, "brandnew"])
    _, core = build_core("brandnew", "model.units=[7]")
    assert core.count_params() == 28 * 28 * 7 + 7 + 7 * 10 + 10


def _models_path():
    import dlcli.models

    return list(dlcli.models.__path__)


@pytest.mark.parametrize("normalization", ["none", "batch", "layer", "local_response"])
@pytest.mark.parametrize("pooling", ["max", "average"])
def test_the_options_of_the_cnn_all_build_and_save(normalization, pooling, tmp_path):
    spec = DataSpec((16, 16, 3), "uint8", ("a", "b"), "")
    overrides = (f"model.normalization={normalization}", f"model.pooling={pooling}")
    preprocessor, core = build_core("cnn", *overrides, "model.global_pooling=true", spec=spec)
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
