"""Every option of the engine survives a kill: the end is the same to the bit."""

import csv

import numpy as np
import pytest

from dlcli import artifacts
from dlcli.errors import RecipeError
from dlcli.proof import comparison
from dlcli.recipe import schema
from dlcli.runs.run_dir import RunDir
from dlcli.training import checkpoints, run

TINY = (
    "training.epochs=5",
    "training.batch_size=128",  # 11 steps an epoch, the last one short
    "training.checkpoint_steps=3",
    "model.filters=[2]",
    "model.dense_units=[4]",
    "model.dropout=0.2",
)
OPTIONS = {
    "a plateau": (
        "monitor=accuracy",  # which the third epoch does not raise, so that the rate is lowered
        "schedule=plateau",
        "decay_epochs=1",
        "decay_factor=0.5",
        "warmup_epochs=0.5",
        "learning_rate=2.0",  # so high that hardly anything gets better
        "min_learning_rate=0.01",
        "label_smoothing=0.1",
        "class_weights=balanced",
    ),
    "an average of accumulated steps in float16": (
        "ema_momentum=0.9",
        "gradient_accumulation_steps=4",
        "gradient_clip_norm=0.1",
        "optimizer=adamw",
        "weight_decay=0.01",
        "precision=mixed_float16",
        "schedule=exponential",
    ),
    "nesterov": (
        "optimizer=sgd",
        "momentum=0.9",
        "nesterov=true",
        "gradient_clip_value=0.01",
        "gradient_accumulation_steps=2",
        "schedule=step",
        "decay_at_epochs=[1, 2.5]",
    ),
}


class Killed(BaseException):
    """What ends a training without a moment to save anything."""


def train(folder, name, options, events=lambda event: None):
    overrides = [*TINY, *(f"training.{option}" for option in options)]
    loaded = schema.load("digits-cnn", overrides)
    return run.train(loaded, "digits-cnn", folder, name=name, events=events, stop=lambda: False)


def kill_at(epoch, step):
    def report(event):
        if type(event).__name__ == "StepsDone" and (event.epoch, event.step) >= (epoch, step):
            raise Killed

    return report


def rows(resumed: RunDir):
    with resumed.history.open() as file:
        return [{key: float(value) for key, value in row.items()} for row in csv.DictReader(file)]


@pytest.mark.slow
@pytest.mark.parametrize("name", OPTIONS)
def test_a_killed_run_ends_equal_to_the_bit(tmp_path, name):
    whole = train(tmp_path, "whole", OPTIONS[name]).run
    with pytest.raises(Killed):
        train(tmp_path, "killed", OPTIONS[name], kill_at(3, 4))
    killed = RunDir(tmp_path / "killed")
    saved = checkpoints.read_newest(killed.checkpoints, pytest.fail)
    assert 33 <= saved.state["position"]["global_step"] < 44
    if name == "a plateau":  # it is in the middle of what has to be kept
        assert saved.state["position"]["lowered_epoch"] > 0
        assert saved.state["position"]["rate_scale"] < 1
    run.resume(killed, events=lambda event: None, stop=lambda: False)

    compared = comparison.compare(whole, killed)
    assert len(compared) == 8
    assert {each.what: each.differences for each in compared if each.differences} == {}
    if name == "a plateau":
        rates = [row["learning_rate"] for row in rows(killed)]
        assert 2 == rates[0] > rates[-1]


def test_what_is_validated_and_saved_is_the_average_and_training_goes_on_from_the_weights(tmp_path):
    trained = train(
        tmp_path, "run", ("epochs=1", "ema_momentum=0.9", "gradient_accumulation_steps=4")
    )
    saved = checkpoints.read_newest(trained.run.checkpoints, pytest.fail)
    kernels = {name: array for name, array in saved.arrays.items() if array.shape == (4, 10)}
    assert [name.partition("-")[0] for name in kernels] == [
        "core",  # the weights themselves
        *["optimizer"] * 4,  # two moments, the average, what is accumulated
        "best",
    ]
    core, *of_optimizer, best = kernels.values()
    assert not np.array_equal(core, best)
    assert [np.array_equal(array, best) for array in of_optimizer].count(True) == 1
    model = artifacts.load(trained.run.model).model
    assert any(np.array_equal(weights, best) for weights in model.get_weights())


GAN = ("preprocessing={image_size: [8, 8], color_mode: grayscale, noise_size: 6}",)


def train_pictures(folder, name, events=lambda event: None, options=()):
    tiny = (*GAN, "model.filters=[8, 4]", "training.epochs=3", "training.batch_size=256")
    overrides = [*tiny, "training.checkpoint_steps=2", *options]
    loaded = schema.load("digits-gan", overrides)
    return run.train(loaded, "gan", folder, name=name, events=events, stop=lambda: False).run


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [
        ("training.schedule=constant",),
        (
            "training.schedule=plateau",
            "training.decay_epochs=1",
            "training.warmup_epochs=0.5",
            "training.gradient_accumulation_steps=2",
        ),
    ],
)
def test_two_networks_share_a_schedule_and_go_on_equal_to_the_bit(tmp_path, options):
    whole = train_pictures(tmp_path, "whole", options=options)
    with pytest.raises(Killed):
        train_pictures(tmp_path, "killed", kill_at(1, 3), options)
    killed = RunDir(tmp_path / "killed")
    run.resume(killed, events=lambda event: None, stop=lambda: False)
    compared = comparison.compare(whole, killed)
    assert {each.what: each.differences for each in compared if each.differences} == {}


def test_an_average_is_refused_where_a_family_has_steps_of_its_own(tmp_path):
    with pytest.raises(RecipeError, match="averages a network that is trained alone"):
        train_pictures(tmp_path, "run", options=("training.ema_momentum=0.9",))
    assert not list(tmp_path.iterdir())
