"""A training that makes pictures: what it leaves, and that it goes on to the same end."""

import csv
import json
import shutil

import numpy as np
import pytest
from PIL import Image

from dlcli import artifacts, data
from dlcli.errors import UsageError
from dlcli.evaluation import evaluate
from dlcli.export import export
from dlcli.export.target import targets
from dlcli.generation import image
from dlcli.prediction import predict_inputs, predict_split
from dlcli.proof import comparison
from dlcli.recipe import schema
from dlcli.runs.run_dir import RunDir
from dlcli.training import run

TINY = (
    "preprocessing={image_size: [8, 8], color_mode: grayscale, noise_size: 6}",
    "model.filters=[8, 4]",
    "training.epochs=2",
    "training.checkpoint_steps=7",
    "training.batch_size=64",
)


def train(folder, name, *overrides, stop=lambda: False, events=lambda event: None):
    loaded = schema.load("digits-gan", [*TINY, *overrides])
    return run.train(loaded, "digits-gan", folder, name=name, events=events, stop=stop).run


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return train(tmp_path_factory.mktemp("runs"), "whole")


@pytest.fixture(scope="module")
def exported(whole, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "exported"
    shutil.copytree(whole.path, folder)
    formats = ["keras", "saved-model", "tflite"]
    return list(export.export(RunDir(folder), targets(formats), events=lambda event: None))


def test_a_run_shows_what_it_makes_after_each_epoch_and_in_the_end(whole):
    names = {str(path.relative_to(whole.plots)) for path in whole.plots.rglob("*.png")}
    epochs = {"epochs/epoch-0001.png", "epochs/epoch-0002.png"}
    assert names == {"training.png", "made.png", "real.png", *epochs}
    with Image.open(whole.plots / "made.png") as sheet:
        assert sheet.size == (8 * 9 * 8 + 8, 8 * 9 * 8 + 8)  # 8 x 8 pictures, gaps of a pixel, x 8
    header, *rows = whole.history.read_text().splitlines()
    assert header == (
        "epoch,learning_rate,loss,discriminator_loss,"
        "val_loss,val_discriminator_loss,val_frechet_distance"
    )
    assert len(rows) == 2


def test_tensorboard_has_the_pictures_of_each_epoch(whole):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    learning, end = (
        EventAccumulator(str(whole.tensorboard / split), {"tensors": 0}).Reload()
        for split in ("validation", "test")
    )
    assert [event.step for event in learning.Tensors("pictures/learning")] == [1, 2]
    assert {"pictures/made", "pictures/real"} <= set(end.Tags()["tensors"])


def test_the_measure_is_that_of_the_saved_generator_beside_its_baselines(whole):
    metrics = json.loads(whole.metrics.read_text())
    assert metrics["monitor"] == "frechet_distance"
    names = [baseline["name"] for baseline in metrics["baselines"]]
    assert names == ["mean picture", "pixel model", "principal component model"]
    distances = [baseline["frechet_distance"] for baseline in metrics["baselines"]]
    assert distances == sorted(distances, reverse=True)
    assert metrics["test"]["real_halves_distance"] < distances[-1]
    with whole.history.open() as file:
        history = [float(row["val_frechet_distance"]) for row in csv.DictReader(file)]
    assert metrics["validation"]["frechet_distance"] == min(history)
    loaded = schema.load(str(whole.recipe))
    again = evaluate.evaluate(artifacts.load(whole.path), data.load(loaded).splits.test)
    assert again == metrics["test"]


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param(3, marks=pytest.mark.slow, id="in epoch 1"),
        pytest.param(21, marks=pytest.mark.slow, id="at its end"),
        pytest.param(30, id="in epoch 2"),
    ],
)
def test_a_stopped_training_goes_on_to_the_same_end(whole, tmp_path, steps):
    done = []
    stopped = train(
        tmp_path,
        "stopped",
        events=lambda event: done.append(getattr(event, "step", 0)),
        stop=lambda: len(done) * 7 > steps,
    )
    assert stopped.state() == "interrupted"
    run.resume(stopped, events=lambda event: None, stop=lambda: False)
    differences = [each for each in comparison.compare(whole, stopped) if each.differences]
    assert differences == []


def test_reduced_precision_is_tried_and_used(tmp_path):
    made = train(tmp_path, "bfloat16", "training.precision=mixed_bfloat16", "training.epochs=1")
    assert "precision: mixed_bfloat16" in made.recipe.read_text()
    assert json.loads(made.metrics.read_text())["test"]["frechet_distance"] > 0


def test_exports_take_the_noise_and_make_the_same_pictures(whole, exported):
    expected = image.make(artifacts.load(whole.path), 20, seed=3)
    for each in exported:
        assert each.parity.holds
        made = image.make(artifacts.load(each.path), 20, seed=3)
        assert np.abs(made.astype(int) - expected).max() <= 1, each.format


def test_there_is_nothing_to_predict(whole):
    predictor = artifacts.load(whole.path)
    split = data.load(schema.load(str(whole.recipe))).splits.test
    with pytest.raises(UsageError, match="makes pictures of noise") as caught:
        list(predict_inputs(predictor, ["a.png"], None, 3))
    assert "dlcli generate" in caught.value.hint
    with pytest.raises(UsageError, match="makes pictures of noise"):
        list(predict_split(predictor, split, 5, 3))
