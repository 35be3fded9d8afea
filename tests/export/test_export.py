"""What is exported runs on its own runtime and gives the same answer."""

import json
import shutil

import numpy as np
import pytest

from dlcli import artifacts, data, recipe
from dlcli.errors import ArtifactError
from dlcli.export import export, parity
from dlcli.run_dir import RunDir

FORMATS = ["keras", "saved-model", "tflite"]


@pytest.fixture(scope="module")
def exported(trained_run, tmp_path_factory):
    """A copy of the trained run with an export in every format."""
    folder = tmp_path_factory.mktemp("exported") / "run"
    shutil.copytree(trained_run.path, folder)
    results = list(export.export(RunDir(folder), FORMATS, stage=lambda text: None))
    return RunDir(folder), {result.format: result for result in results}


@pytest.fixture(scope="module")
def examples(trained_run):
    return data.load(recipe.load(str(trained_run.recipe))).splits.test.gather(np.arange(40))[0]


@pytest.mark.parametrize("name", FORMATS)
def test_an_artifact_is_compared_with_the_model_and_its_figures_are_kept(exported, name):
    run, results = exported
    result = results[name]
    assert result.parity.examples == 359
    assert result.parity.max_difference <= 1e-5
    assert result.parity.before == result.parity.after
    kept = json.loads((run.exports / f"{result.path.name}.json").read_text())
    assert kept["parity"]["max_difference"] == result.parity.max_difference
    assert kept["bytes"] == result.size


@pytest.mark.parametrize("name", FORMATS)
def test_an_artifact_knows_its_classes_and_input(exported, name):
    predictor = artifacts.load(exported[1][name].path)
    assert predictor.metadata["class_names"] == [str(digit) for digit in range(10)]
    assert predictor.metadata["input"]["shape"] == [28, 28, 1]
    assert predictor.metadata["recipe"]["model"]["family"] == "cnn"


@pytest.mark.parametrize("name", FORMATS)
def test_any_batch_size_and_any_order_give_the_same_answer(exported, examples, name):
    predictor = artifacts.load(exported[1][name].path)
    together = predictor.predict_batch(examples)
    alone = np.concatenate([predictor.predict_batch(one[None]) for one in examples])
    again = predictor.predict_batch(examples[::-1])[::-1]
    assert together.shape == (40, 10)
    assert np.abs(together - alone).max() < 1e-5
    assert np.abs(together - again).max() < 1e-5
    assert together.sum(axis=1) == pytest.approx(1, abs=1e-5)


def test_nothing_but_artifacts_is_left_in_the_folder(exported):
    run, _ = exported
    assert sorted(path.name for path in run.exports.iterdir()) == [
        "model.keras",
        "model.keras.json",
        "model.tflite",
        "model.tflite.json",
        "saved_model",
        "saved_model.json",
    ]


def test_plain_litert_finds_names_labels_and_metadata(exported, examples):
    import zipfile

    from ai_edge_litert.interpreter import Interpreter

    path = exported[1]["tflite"].path
    runner = Interpreter(str(path)).get_signature_runner("serving_default")
    assert list(runner.get_input_details()) == ["image"]
    assert runner(image=examples)["probabilities"].shape == (40, 10)
    with zipfile.ZipFile(path) as archive:
        assert archive.read("labels.txt").decode().split() == [str(digit) for digit in range(10)]


def test_the_saved_model_answers_arrays_and_encoded_images_with_class_names(exported, examples):
    import tensorflow as tf

    loaded = tf.saved_model.load(str(exported[1]["saved-model"].path))
    arrays = loaded.signatures["serving_default"](image=tf.constant(examples))
    # The model's size and lossless, so that nothing is resized or lost.
    files = tf.constant([tf.io.encode_png(image).numpy() for image in examples])
    encoded = loaded.signatures["encoded"](image_bytes=files)
    assert sorted(arrays) == sorted(encoded) == ["class_name", "probabilities"]
    assert np.abs(arrays["probabilities"] - encoded["probabilities"]).max() < 1e-6
    best = arrays["probabilities"].numpy().argmax(axis=1)
    assert [name.decode() for name in arrays["class_name"].numpy()] == [str(i) for i in best]


def test_the_model_ships_without_its_optimizer(exported):
    weights = 225_034 * 4
    assert exported[1]["keras"].size < 1.2 * weights
    assert exported[1]["tflite"].size < 1.1 * weights


class Wrong:
    """A predictor that is a little off once in a while."""

    def __init__(self, right):
        self.right, self.metadata = right, right.metadata

    def predict_batch(self, raw):
        answer = self.right.predict_batch(raw).copy()
        answer[0, 0] += 0.01
        return answer


def test_an_artifact_that_answers_otherwise_is_rejected_and_kept_aside(
    exported, tmp_path, monkeypatch
):
    folder = tmp_path / "run"
    shutil.copytree(exported[0].path, folder)
    before = (folder / "exports" / "model.tflite").read_bytes()
    load = artifacts.load
    monkeypatch.setattr(artifacts, "load", lambda path: Wrong(load(path)))

    with pytest.raises(
        ArtifactError, match=r"model.tflite differs from the model by 0.01 over 359"
    ):
        list(export.export(RunDir(folder), ["tflite"], stage=lambda text: None))

    assert (folder / "exports" / "rejected-model.tflite").is_file()
    assert (folder / "exports" / "model.tflite").read_bytes() == before


def test_an_answer_that_is_not_a_number_never_holds():
    assert not parity.Parity(1, float("nan"), 1e-5, "accuracy", 1.0, 1.0).holds
