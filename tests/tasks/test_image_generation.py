"""Adversarial training changes what it should, and its measure is that of NumPy."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from dlcli import frechet, tasks
from dlcli.data import DataSpec
from dlcli.errors import RecipeError
from dlcli.recipe import schema
from dlcli.tasks.generated_image import FrechetDistance
from dlcli.training import optimizers

SPEC = DataSpec((6,), "float32", (), "", picture_shape=(8, 8, 1))
RNG = np.random.default_rng(0)
NOISE = RNG.normal(size=(10, 6)).astype(np.float32)
REAL = RNG.integers(0, 256, (10, 8, 8, 1), np.uint8)


def adversarial(*overrides, precision="float32"):
    keras.utils.set_random_seed(0)
    loaded = schema.load("digits-gan", ["model.filters=[8, 4]", *overrides])
    inputs = keras.Input((6,), name="noise")
    preprocessor = keras.Model(inputs, keras.layers.Activation("linear")(inputs))
    core = tasks.build_core(loaded, preprocessor, SPEC, precision)
    model, kept = tasks.trainer(loaded, core, SPEC, precision)
    task = tasks.head_of(loaded.task)
    model.compile(
        *(optimizers.build(loaded.training, loaded.training.learning_rate) for _ in range(2)),
        loss=task.loss(SPEC),
        metrics=[metric(SPEC) for metric in task.METRICS.values()],
        jit_compile=False,
    )
    return model, kept


def weights(model):
    return [np.array(weight) for weight in model.get_weights()]


@pytest.mark.parametrize("precision", ["float32", "mixed_bfloat16", "mixed_float16"])
def test_a_step_changes_both_networks_and_the_average(precision):
    model, kept = adversarial(f"training.precision={precision}", precision=precision)
    networks = (model.generator, model.discriminator, kept)
    before = [weights(network) for network in networks]
    for _ in range(2):
        model.train_step((NOISE, REAL))
    for network, old in zip(networks, before, strict=True):
        assert all(np.isfinite(new).all() for new in weights(network))
        assert any(not np.array_equal(*pair) for pair in zip(old, weights(network), strict=True))
    logs = model.get_metrics_result()
    assert list(logs) == ["loss", "discriminator_loss"]
    assert all(np.isfinite(float(value)) for value in logs.values())


def test_each_network_is_trained_by_its_own_loss():
    """The discriminator learns to tell, which the generator's loss alone would undo."""
    model, _ = adversarial("model.dropout=0", "training.learning_rate=0.005")
    model.optimizer.learning_rate = 0.0
    real, made = tf.constant(REAL, tf.float32), model.generator(NOISE)
    before = float(model._both_losses(real, made, training=False)[1])
    generator = weights(model.generator)
    for _ in range(20):
        model.train_step((NOISE, REAL))
    made = model.generator(NOISE)
    assert float(model._both_losses(real, made, training=False)[1]) < 0.8 * before
    trained = [weight.path for weight in model.generator.trainable_weights]
    for weight, old in zip(model.generator.weights, generator, strict=True):
        assert np.array_equal(weight, old) == (weight.path in trained)


def test_the_average_follows_the_generator_slowly_in_the_end():
    model, kept = adversarial("model.averaging=0.9")
    model.optimizer.iterations.assign(10_000)
    model.generator.set_weights([weight + 1 for weight in kept.get_weights()])
    before = weights(kept)
    model.optimizer.learning_rate = 0.0
    model.train_step((NOISE, REAL))
    for old, new, weight in zip(before, weights(kept), model.generator.get_weights(), strict=True):
        assert np.allclose(new, 0.9 * old + 0.1 * weight, atol=1e-5)


def test_all_that_a_step_changes_is_in_the_state_and_noise_is_drawn_from_it():
    model, _ = adversarial()
    model.train_step((NOISE, REAL))
    variables = [
        *model.variables,
        *(variable for metric in model.metrics for variable in metric.variables),
        *(variable for optimizer in model.optimizers for variable in optimizer.variables),
    ]
    state = [variable.numpy() for variable in variables]
    ends = []
    for _ in range(2):
        for variable, value in zip(variables, state, strict=True):
            variable.assign(value)
        model.train_step((NOISE, REAL))
        ends.append([variable.numpy() for variable in variables])
    assert all(map(np.array_equal, *ends))
    assert not np.array_equal(model.noise_seed.state, state[0])
    again = [variable.numpy() for variable in model.generator.variables]
    model.train_step((NOISE, REAL))
    assert not np.array_equal(again[0], model.generator.variables[0])


def test_validation_measures_the_average_as_numpy_does():
    model, kept = adversarial()
    for start in (0, 4, 8):
        model.test_step((NOISE[start : start + 4], REAL[start : start + 4]))
    made = np.asarray(kept(NOISE))
    expected = frechet.distance(*(frechet.moments(frechet.features(each)) for each in (REAL, made)))
    measured = float(model.get_metrics_result()["frechet_distance"])
    assert measured == pytest.approx(expected, rel=1e-4)
    model.reset_metrics()
    assert "frechet_distance" not in model.get_metrics_result()


def test_an_optimizer_that_averages_is_refused():
    with pytest.raises(RecipeError, match=r"training\.ema_momentum averages") as caught:
        adversarial("training.ema_momentum=0.9")
    assert "model.averaging" in caught.value.hint


def test_a_measure_of_nothing_is_not_a_number():
    assert np.isnan(FrechetDistance().result())


def test_a_picture_that_cannot_be_halved_is_refused():
    from dlcli.models import gan

    with pytest.raises(ValueError, match=r"sides of 28x30 are no multiples of 4"):
        gan.build(keras.Input((6,)), (28, 30, 1))
