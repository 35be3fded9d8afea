"""What is exported runs on its own runtime and gives the same answer."""

import json
import shutil
from types import SimpleNamespace

import numpy as np
import pytest

from dlcli import artifacts, data
from dlcli.errors import ArtifactError, DlcliError, RunBusyError
from dlcli.export import export, operators, parity
from dlcli.export.target import Target, targets
from dlcli.outputs import classification
from dlcli.recipe import schema
from dlcli.runs.run_dir import RunDir

FORMATS = ["keras", "saved-model", "tflite", "onnx"]
QUANTIZATIONS = ["float16", "dynamic", "int8"]
# Of a model whose raw examples are numbers already.
DOCUMENT = {
    "format": "dlcli/1",
    "task": "sequence-classification",
    "class_names": ["a", "b"],
    "target": "",
    "input": {"kind": "sequence", "name": "series", "shape": [3], "dtype": "float32"},
}
TITLES = [*FORMATS, *(f"tflite {name}" for name in QUANTIZATIONS)]


@pytest.fixture(scope="module")
def exported(trained_run, tmp_path_factory):
    """A copy of the trained run with an export in every format and quantization."""
    pytest.importorskip("tf2onnx", reason="the extra onnx is not installed")
    folder = tmp_path_factory.mktemp("exported") / "run"
    shutil.copytree(trained_run.path, folder)
    wanted = targets(FORMATS, ["none", *QUANTIZATIONS])
    # Two epochs leave some examples undecided, which whole numbers may turn.
    results = list(export.export(RunDir(folder), wanted, lambda text: None, largest_drop=2.0))
    return RunDir(folder), {result.target.title: result for result in results}


@pytest.fixture(scope="module")
def examples(trained_run):
    return data.load(schema.load(str(trained_run.recipe))).splits.test.gather(np.arange(40))[0]


@pytest.mark.parametrize("name", TITLES)
def test_an_artifact_is_compared_with_the_model_and_its_figures_are_kept(exported, name):
    run, results = exported
    result = results[name]
    assert result.parity.examples == 359
    if result.target.quantize == "none":
        assert result.parity.max_difference <= 1e-5
        assert result.parity.before == result.parity.after
    else:
        assert 1e-7 < result.parity.max_difference < 0.2
        assert result.parity.drop == pytest.approx(
            100 * (result.parity.before - result.parity.after)
        )
        assert result.parity.spread <= 1e-4
    kept = json.loads((run.exports / f"{result.path.name}.json").read_text())
    assert kept["parity"]["max_difference"] == result.parity.max_difference
    assert kept["bytes"] == result.size
    assert kept["latency"]["single_ms"] > 0
    assert kept["quantize"] == result.target.quantize


@pytest.mark.parametrize("name", TITLES)
def test_an_artifact_knows_its_classes_and_input(exported, name):
    predictor = artifacts.load(exported[1][name].path)
    assert predictor.metadata["class_names"] == [str(digit) for digit in range(10)]
    assert predictor.metadata["input"]["shape"] == [28, 28, 1]
    assert predictor.metadata["recipe"]["model"]["family"] == "cnn"


@pytest.mark.parametrize("name", TITLES)
def test_any_batch_size_and_any_order_give_the_same_answer(exported, examples, name):
    predictor = artifacts.load(exported[1][name].path)
    together = predictor.predict_batch(examples)
    alone = np.concatenate([predictor.predict_batch(one[None]) for one in examples])
    again = predictor.predict_batch(examples[::-1])[::-1]
    assert together.shape == (40, 10)
    assert np.abs(together - alone).max() < 1e-5
    assert np.abs(together - again).max() < 1e-5
    # int8 gives its probabilities in steps of 1/256.
    assert together.sum(axis=1) == pytest.approx(1, abs=0.02 if name.endswith("int8") else 1e-5)


def test_nothing_but_artifacts_is_left_in_the_folder(exported):
    run, _ = exported
    names = ["model.keras", "model.onnx", "model.tflite", "saved_model"]
    names += [f"model.{name}.tflite" for name in QUANTIZATIONS]
    assert sorted(path.name for path in run.exports.iterdir()) == sorted(
        ["SHA256SUMS", *names, *(f"{name}.json" for name in names)]
    )


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


def test_quantized_files_are_as_small_as_their_weights(exported):
    size = {title: exported[1][title].size for title in TITLES}
    assert size["tflite float16"] < 0.52 * size["tflite"]
    assert size["tflite dynamic"] < 0.27 * size["tflite"]
    assert size["tflite int8"] < 0.27 * size["tflite"]


@pytest.mark.parametrize("name", [title for title in TITLES if title.startswith("tflite")])
def test_tflite_files_have_builtin_operators_alone(exported, name):
    found = exported[1][name].operators
    assert found == operators.of(exported[1][name].path)
    assert found["CONV_2D"] == 2
    assert not [each for each in found if each.startswith("custom:")]


@pytest.mark.parametrize("name", QUANTIZATIONS)
def test_quantized_files_take_and_give_the_same_types(exported, examples, name):
    from ai_edge_litert.interpreter import Interpreter

    runner = Interpreter(str(exported[1][f"tflite {name}"].path)).get_signature_runner()
    answer = runner(image=examples)["probabilities"]
    assert runner.get_input_details()["image"]["dtype"] == np.uint8
    assert answer.dtype == np.float32


def test_plain_onnxruntime_finds_names_classes_and_any_batch_size(exported, examples):
    onnxruntime = pytest.importorskip("onnxruntime")
    session = onnxruntime.InferenceSession(str(exported[1]["onnx"].path))
    [probabilities] = session.run(["probabilities"], {"image": examples[:7]})
    assert probabilities.shape == (7, 10)
    assert session.get_inputs()[0].shape == ["batch", 28, 28, 1]
    described = json.loads(session.get_modelmeta().custom_metadata_map["dlcli.json"])
    assert described["class_names"] == [str(digit) for digit in range(10)]


@pytest.mark.parametrize("title", ["tflite", "onnx", "tflite int8"])
def test_a_file_is_predicted_without_tensorflow(exported, run_process, title):
    code = (
        "import sys, numpy; from pathlib import Path; from dlcli import artifacts;"
        "predictor = artifacts.load(Path(sys.argv[1]));"
        "print(predictor.predict_batch(numpy.zeros((3, 28, 28, 1), numpy.uint8)).shape,"
        " 'tensorflow' in sys.modules, 'onnx' in sys.modules)"
    )
    done = run_process(exported[1][title].path, python=("-c", code))
    assert done.stdout == "(3, 10) False False\n"


def test_a_fixed_batch_size_is_filled_up(trained_run, exported, examples, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(trained_run.path, folder)
    results = export.export(RunDir(folder), targets(["tflite", "onnx"], batch=7), lambda text: None)
    assert [result.path.name for result in results] == ["model.batch7.tflite", "model.batch7.onnx"]
    expected = artifacts.load(exported[1]["tflite"].path).predict_batch(examples)
    for name in ("model.batch7.tflite", "model.batch7.onnx"):
        predictor = artifacts.load(folder / "exports" / name)
        assert np.allclose(predictor.predict_batch(examples), expected, atol=1e-6)
        assert np.allclose(predictor.predict_batch(examples[:1]), expected[:1], atol=1e-6)


def test_an_artifact_that_answers_otherwise_is_rejected_and_kept_aside(exported, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(exported[0].path, folder)
    before = (folder / "exports" / "model.tflite").read_bytes()

    with pytest.raises(
        ArtifactError, match=r"model.tflite differs from the model by .* over 359 .* at most 0 is"
    ):
        list(export.export(RunDir(folder), [Target("tflite")], lambda text: None, tolerance=0))

    assert (folder / "exports" / "rejected-model.tflite").is_file()
    assert (folder / "exports" / "model.tflite").read_bytes() == before
    assert not list((folder / "exports").glob("partial-*"))


def test_a_quantized_artifact_that_loses_too_much_is_rejected(exported, tmp_path, monkeypatch):
    folder = tmp_path / "run"
    shutil.copytree(exported[0].path, folder)
    monkeypatch.setattr(parity, "_drop", lambda *arguments: 3.0)
    monkeypatch.setattr(parity.paired, "run", lambda *arguments: SimpleNamespace(p=0.001))
    with pytest.raises(ArtifactError, match=r"worse than the model by 3.00 points .* at most 0.5"):
        list(export.export(RunDir(folder), [Target("tflite", "dynamic")], lambda text: None))
    assert (folder / "exports" / "rejected-model.dynamic.tflite").is_file()


def test_a_rejected_artifact_does_not_stop_the_others(exported, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(exported[0].path, folder)
    shutil.rmtree(folder / "exports")
    told = []
    wanted = [Target("tflite"), Target("tflite", batch=2), Target("tflite", "float16")]
    results = export.export(
        RunDir(folder),
        wanted,
        lambda text: None,
        tolerance=0,
        rejected=lambda target, error: told.append((target, error.message)),
    )
    assert [result.target for result in results] == wanted[2:]
    assert [target for target, _ in told] == wanted[:2]
    assert all("differs from the model" in message for _, message in told)


def test_a_file_that_was_changed_after_its_export_is_refused(exported, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(exported[0].path, folder)
    for name in ("model.tflite", "model.onnx"):
        path = folder / "exports" / name
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1  # a weight
        path.write_bytes(content)
        with pytest.raises(ArtifactError, match=f"{name} has changed since it was exported"):
            artifacts.load(path)
        artifacts.load(path, trust=True)


@pytest.mark.parametrize(
    ("name", "weights", "has_int8_activations"),
    [("float16", "FLOAT16", False), ("dynamic", "INT8", False), ("int8", "INT8", True)],
)
def test_a_quantized_file_has_the_types_of_its_name(exported, name, weights, has_int8_activations):
    content = exported[1][f"tflite {name}"].path.read_bytes()
    constants, others = operators.types_of_tflite(content)
    assert constants[weights] > 220_000  # of 225,034
    assert bool(others["INT8"]) is has_int8_activations


def test_weights_that_stay_float32_are_not_called_quantized(tmp_path):
    """TFLite's dynamic quantization leaves arrays of fewer than 1,024 numbers alone."""
    import keras

    from dlcli import tasks
    from dlcli.export import tflite

    raw, numbers = keras.Input((3,), name="series"), keras.Input((3,))
    preprocessor = keras.Model(raw, keras.layers.Rescaling(2.0)(raw), name="preprocessor")
    core = keras.Model(numbers, keras.layers.Dense(2)(numbers), name="core")
    model = tasks.end_to_end(preprocessor, core)
    with pytest.raises(
        ArtifactError, match="would not be dynamic: 6 of its 6 weights stay float32"
    ):
        tflite.write(model, DOCUMENT, tmp_path / "model.dynamic.tflite", quantize="dynamic")


def test_a_run_that_another_process_writes_is_left_alone(exported):
    run, _ = exported
    before = sorted(path.name for path in run.exports.iterdir())
    with run.locked(), pytest.raises(RunBusyError, match="is being written by process"):
        next(export.export(run, [Target("keras")], lambda text: None))
    assert sorted(path.name for path in run.exports.iterdir()) == before


def test_missing_packages_are_named_before_anything_is_written(trained_run, monkeypatch):
    monkeypatch.setattr(export, "_ONNX_PACKAGES", ("onnx", "nothing_of_this_name"))
    with pytest.raises(DlcliError, match="not installed: nothing_of_this_name") as caught:
        list(export.export(trained_run, [Target("onnx")], lambda text: None))
    assert caught.value.hint == "Install them: pip install 'dlcli[onnx]'"
    assert not trained_run.exports.exists()


# ---------------------------------------------------------------- parity


def test_an_answer_that_is_not_a_number_never_holds():
    assert not parity.Parity(1, float("nan"), 1e-5, "accuracy", 1.0, 1.0).holds
    assert not parity.Parity(
        1, float("nan"), None, "accuracy", 1.0, 1.0, drop=0.0, largest_drop=0.5
    ).holds


def answers(forward, backward=None, singles=None):
    forward = np.array(forward, np.float32)
    return {
        "forward": forward,
        "backward": forward if backward is None else np.array(backward, np.float32),
        "singles": forward[:1].repeat(2, axis=0) if singles is None else np.array(singles),
    }


CLASSES = {"task": "image-classification", "class_names": ["a", "b"]}
NUMBER = {"task": "table-regression", "class_names": []}
EXPECTED = np.array([[0.9, 0.1], [0.2, 0.8]], np.float32)


def test_a_quantized_artifact_may_differ_where_its_metric_and_predictions_do_not():
    changed = answers([[0.6, 0.4], [0.45, 0.55]])
    result = parity.compare(EXPECTED, changed, np.array([0, 1]), CLASSES, quantize="int8")
    assert (result.drop, result.unit, result.changed, result.holds) == (0.0, "points", 0.0, True)


def probabilities(classes):
    return np.eye(2, dtype=np.float32)[np.asarray(classes)]


def test_a_drop_counts_where_a_paired_test_shows_it():
    """One of 40 is 2.5 points, far more than 0.5, and may well be chance; 8 of 40 are not."""
    truth = np.zeros(40, np.int32)
    for num_wrong, holds in ((1, True), (8, False)):
        given = answers(probabilities((np.arange(40) < num_wrong).astype(int)))
        result = parity.compare(probabilities(truth), given, truth, CLASSES, quantize="int8")
        assert result.drop == pytest.approx(100 * num_wrong / 40)
        assert result.drop_holds is holds


def test_predictions_that_change_are_counted_though_accuracy_stays_equal():
    truth = np.arange(400) % 2
    expected = truth.copy()
    expected[:7] = 1 - truth[:7]
    forward = truth.copy()
    forward[7:14] = 1 - truth[7:14]
    given = answers(probabilities(forward))
    result = parity.compare(probabilities(expected), given, truth, CLASSES, quantize="float16")
    assert (result.drop, result.changed) == (0.0, pytest.approx(3.5))
    assert (result.drop_holds, result.change_holds, result.holds) == (True, False, False)
    assert parity.compare(
        probabilities(expected), given, truth, CLASSES, quantize="float16", largest_drop=2.0
    ).change_holds


def test_an_error_is_judged_relatively():
    truth = np.zeros(50, np.float32)
    expected = np.random.default_rng(0).normal(size=(50, 1)).astype(np.float32)
    result = parity.compare(
        expected, answers(1.1 * expected), truth, NUMBER, quantize="int8", largest_drop=5.0
    )
    assert (round(result.drop, 3), result.unit, result.holds) == (10.0, "%", False)
    assert result.drop_p < 0.05
    shifted = parity.compare(expected, answers(expected + 3), truth, NUMBER, quantize="int8")
    assert shifted.changed == 100.0


@pytest.mark.parametrize("order", ["backward", "singles"])
def test_an_artifact_whose_answers_depend_on_the_order_never_holds(order):
    forward = [[0.9, 0.1], [0.2, 0.8]]
    other = {"backward": [[0.9, 0.1], [0.21, 0.79]], "singles": [[0.9, 0.1], [0.91, 0.09]]}
    given = answers(forward, **{order: other[order]})
    for quantize in ("none", "int8"):
        result = parity.compare(EXPECTED, given, np.array([0, 1]), CLASSES, quantize=quantize)
        assert result.spread == pytest.approx(0.01, abs=1e-6)
        assert not result.holds


def test_the_shortest_and_the_longest_examples_are_compared_in_turn():
    texts = np.array(["x" * length for length in range(1, 2001)], object)
    split = data.Split(texts, np.zeros(2000), np.arange(2000)[::-1], [""] * 2000)
    places = parity.positions(split, classification.OUTPUT)
    lengths = [len(text) for text in split.gather(places)[0]]
    assert len(places) == len(set(places.tolist())) == 512
    assert lengths[:4] == [1, 2000, 2, 1999]
    series = np.full((4, 5, 1), np.nan, np.float32)
    for row, length in enumerate([3, 5, 1, 4]):
        series[row, :length] = 0
    split = data.Split(series, np.zeros(4), np.arange(4), [""] * 4)
    assert parity.positions(split, classification.OUTPUT).tolist() == [2, 1, 0, 3]


# ---------------------------------------------------------------- ONNX


def test_scaling_and_gelu_are_inside_an_onnx_file(tmp_path):
    """tf2onnx takes tensors that a layer holds for inputs, and writes an operator Erfc."""
    pytest.importorskip("tf2onnx", reason="the extra onnx is not installed")
    import keras

    from dlcli import tasks
    from dlcli.export import onnx

    raw, numbers = keras.Input((3,), name="series"), keras.Input((3,))
    scaling = keras.layers.Normalization(mean=[1.0, 2.0, 3.0], variance=[4.0, 5.0, 6.0])
    preprocessor = keras.Model(raw, scaling(raw), name="preprocessor")
    hidden = keras.layers.Activation("gelu")(keras.layers.Dense(4, activation="gelu")(numbers))
    core = keras.Model(numbers, keras.layers.Dense(2)(hidden), name="core")
    model = tasks.end_to_end(preprocessor, core)
    onnx.write(model, DOCUMENT, tmp_path / "model.onnx")
    assert core.layers[1].activation is keras.activations.gelu
    x = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)
    answers = artifacts.load(tmp_path / "model.onnx").predict_batch(x)
    assert np.abs(answers - model(x)).max() < 1e-6
