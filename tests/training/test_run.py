"""The flow of a training: what stands in the run directory, and what two runs share."""

import json

import keras
import numpy as np
import pytest

from dlcli import artifacts, private_api
from dlcli.artifacts.known_names import KNOWN
from dlcli.errors import DivergedError, DlcliError, RecipeError, RunBusyError, UsageError
from dlcli.recipe import schema
from dlcli.runs import run_dir
from dlcli.runs.run_dir import RunDir
from dlcli.training import checkpoints, finish, run

OVERRIDES = ["training.epochs=2", "model.filters=[4]", "model.dense_units=[8]"]


def train(folder, *overrides, name="run", stop=lambda: False, events=lambda event: None):
    loaded = schema.load("digits-cnn", [*OVERRIDES, *overrides])
    return run.train(loaded, "digits-cnn", folder, name=name, events=events, stop=stop)


def test_a_run_holds_what_it_promises(trained_run):
    found = {str(path.relative_to(trained_run.path)) for path in trained_run.path.rglob("*")}
    assert found >= {
        "recipe.yaml",
        "environment.json",
        "history.csv",
        "timing.csv",
        "model.keras",
        "metadata.json",
        "metrics.json",
        "predictions/test.npz",
        "plots/training.png",
        "plots/confusion.png",
        "tensorboard/train",
        "tensorboard/validation",
    }
    environment = json.loads(trained_run.environment.read_text())
    assert environment["data"]["examples"] == {"train": 1294, "validation": 144, "test": 359}
    assert environment["parameters"] == 225_034  # of the documented network
    assert trained_run.state() == "completed"
    header, *rows = trained_run.history.read_text().splitlines()
    assert header == "epoch,learning_rate,loss,accuracy,val_loss,val_accuracy"
    assert len(rows) == 2


def test_a_network_that_would_be_refused_afterwards_is_refused_before_the_first_step(monkeypatch):
    monkeypatch.setitem(KNOWN, "keras.layers", KNOWN["keras.layers"] - {"Flatten", "Conv2D"})
    with pytest.raises(
        DlcliError, match=r"has keras\.layers\.\w+, keras\.layers\.\w+, for"
    ) as told:
        run.prepare(schema.load("digits-cnn", OVERRIDES), lambda event: None)
    assert "dlcli/artifacts/known_names.py" in told.value.hint


def test_metrics_are_those_of_the_saved_model_and_stand_beside_a_baseline(trained_run):
    metrics = json.loads(trained_run.metrics.read_text())
    assert metrics["test"]["examples"] == 359
    assert 0.09 < metrics["baselines"][0]["accuracy"] < 0.12 < metrics["test"]["accuracy"]


@pytest.mark.slow
def test_the_recipe_of_a_run_trains_the_same_again(tmp_path):
    first = train(tmp_path, name="first").run
    again = schema.load(str(first.recipe))
    second = run.train(
        again, "again", tmp_path, name="second", events=lambda event: None, stop=lambda: False
    ).run

    assert first.history.read_text() == second.history.read_text()
    assert first.metrics.read_text() == second.metrics.read_text()
    assert first.recipe.read_text() == second.recipe.read_text()
    weights = [keras.saving.load_model(each.model).get_weights() for each in (first, second)]
    assert all(np.array_equal(a, b) for a, b in zip(*weights, strict=True))


@pytest.mark.parametrize("steps", [10, pytest.param(25, marks=pytest.mark.slow)])
def test_a_stopped_run_goes_on_to_the_same_end(tmp_path, steps):
    whole = train(tmp_path, name="whole").run
    done = []

    def report(event):
        if type(event).__name__ == "StepsDone":
            done.append(event)

    stopped = train(tmp_path, name="stopped", events=report, stop=lambda: len(done) >= steps // 5)
    assert stopped.metrics is None
    assert stopped.run.state() == "interrupted"

    resumed = run.resume(stopped.run, events=lambda event: None, stop=lambda: False)

    assert resumed.run.state() == "completed"
    assert whole.metrics.read_text() == resumed.run.metrics.read_text()
    assert whole.history.read_text() == resumed.run.history.read_text()
    left = checkpoints.read_newest(whole.checkpoints, pytest.fail).arrays
    right = checkpoints.read_newest(resumed.run.checkpoints, pytest.fail).arrays
    assert {k: v.tobytes() for k, v in left.items()} == {k: v.tobytes() for k, v in right.items()}


def test_resuming_a_completed_run_changes_nothing(trained_run):
    before = trained_run.metrics.stat().st_mtime_ns
    result = run.resume(trained_run, events=lambda event: None, stop=lambda: False)
    assert result.metrics == json.loads(trained_run.metrics.read_text())
    assert trained_run.metrics.stat().st_mtime_ns == before


def test_a_run_that_is_being_written_is_refused(tmp_path):
    stopped = train(tmp_path, stop=lambda: True).run
    with (
        stopped.locked(),
        pytest.raises(RunBusyError, match=r"run is being written by process \d+ on host"),
    ):
        run.resume(stopped, events=lambda event: None, stop=lambda: False)


def test_a_diverged_run_keeps_no_model_and_says_why(tmp_path):
    with pytest.raises(DivergedError, match="the loss became"):
        train(tmp_path, "training.learning_rate=1.0e+20", "training.optimizer=sgd")
    assert not run_dir.find("run", tmp_path).model.exists()


def test_a_network_that_does_not_fit_the_image_is_an_error_of_the_recipe(tmp_path):
    with pytest.raises(RecipeError, match="cnn network does not fit an input of 4x4x1"):
        train(tmp_path, "preprocessing.image_size=[4, 4]", "model.filters=[4, 4, 4]")
    assert not list(tmp_path.iterdir())


def test_a_recipe_without_data_leaves_no_run(tmp_path):
    loaded = schema.load("image-cnn")
    with pytest.raises(UsageError, match="no data of its own"):
        run.train(
            loaded, "image-cnn", tmp_path / "runs", events=lambda event: None, stop=lambda: False
        )
    assert not (tmp_path / "runs").exists()


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_reduced_precision_is_saved_as_float32(tmp_path, precision):
    result = train(tmp_path, f"training.precision={precision}")
    model = artifacts.load(result.run.model).model
    dtypes = {layer.compute_dtype for layer in private_api.all_layers(model) if layer.weights}
    assert dtypes == {"float32"}
    assert result.metrics["test"]["accuracy"] > 0.12


@pytest.mark.parametrize("scaling", ["unit", "standard"])
def test_the_model_takes_raw_pixels_and_scales_them_itself(tmp_path, scaling):
    result = train(tmp_path, f"preprocessing.scaling={scaling}")
    model = keras.saving.load_model(result.run.model)
    assert model.input.dtype == "uint8"
    assert model.input.shape == (None, 28, 28, 1)


def test_logs_that_cannot_be_written_warn_once_and_training_goes_on(tmp_path, monkeypatch):
    import tensorflow as tf

    def full(*_, **__):
        raise tf.errors.ResourceExhaustedError(None, None, "No space left on device")

    monkeypatch.setattr(tf.io.TFRecordWriter, "write", full)
    warnings = []

    def report(event):
        if type(event).__name__ == "Warned":
            warnings.append(event.message)

    result = train(tmp_path, events=report)
    assert result.metrics
    assert warnings == [
        "TensorBoard logs cannot be written (No space left on device); "
        "training goes on without them."
    ]


def test_a_stop_whose_state_could_not_be_saved_says_so(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoints, "write", full)
    with pytest.raises(DlcliError, match="its state could not be saved: No space left on device"):
        train(tmp_path, stop=lambda: True)


def test_a_disk_that_is_full_at_the_end_leaves_a_run_to_go_on_with(tmp_path, monkeypatch):
    write = finish.keras_file.write

    def full(*_):
        raise OSError(28, "No space left on device", "x/model.keras")

    monkeypatch.setattr(finish.keras_file, "write", full)
    with pytest.raises(
        DlcliError, match=r"the disk is full while writing x/model\.keras;"
    ) as caught:
        train(tmp_path)
    [path] = tmp_path.iterdir()
    hint = f"Free some space, and go on from the last checkpoint: dlcli train --resume {path}"
    assert caught.value.hint == hint
    monkeypatch.setattr(finish.keras_file, "write", write)
    result = run.resume(RunDir(path), events=lambda event: None, stop=lambda: False)
    assert result.metrics
