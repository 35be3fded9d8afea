"""Running text from a file to generated characters, by every artifact."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from dlcli import artifacts
from dlcli.artifacts import keras_file
from dlcli.data import load
from dlcli.evaluation import evaluate
from dlcli.export import export
from dlcli.export.target import targets
from dlcli.generation import text as generation
from dlcli.generation.text import Generator
from dlcli.recipe import schema
from dlcli.training import run

FORMATS = ["keras", "saved-model", "tflite"]
QUANTIZATIONS = ["none", "float16", "dynamic"]
SENTENCES = ("床前明月光,疑是地上霜。\n", "The quick brown fox jumps.\n", "over the lazy dog!\n")
TINY = (
    "training.epochs=2", "training.batch_size=16", "preprocessing.sequence_length=20",
    "model.units=[16, 16]", "data.test_fraction=0.15", "data.validation_fraction=0.15",
)  # fmt: skip


def make_text(num_sentences: int = 300, seed: int = 0) -> str:
    choices = np.random.default_rng(seed).integers(0, len(SENTENCES), num_sentences)
    return "".join(SENTENCES[choice] for choice in choices)


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("texts") / "text.txt"
    path.write_bytes(make_text().encode("gb18030"))
    return path


def train(source: object, folder: Path, *overrides: str, name: str = "run", stop=None):
    events = []
    result = run.train(
        schema.load("char-lstm", [f'data.source="{source}"', *TINY, *overrides]),
        "char-lstm",
        folder,
        name=name,
        events=events.append,
        stop=(lambda: stop(events)) if stop else lambda: False,
    )
    return result, events


KINDS = {
    "lstm": (),
    "gru": (
        "model.cell=gru",
        "model.units=[24]",  # dynamic quantization leaves arrays of fewer than 1,024 numbers alone
        "embedding.size=8",
        "embedding.dropout=0.1",
        "model.dropout=0.1",
    ),
    "last-step": ("preprocessing.predict=last-step", "preprocessing.stride=4"),
}


@pytest.fixture(
    scope="module",
    params=["lstm", *(pytest.param(kind, marks=pytest.mark.slow) for kind in ("gru", "last-step"))],
)
def exported(request, text, tmp_path_factory):
    """A run of each kind, exported in every format."""
    result, _ = train(text, tmp_path_factory.mktemp("runs"), *KINDS[request.param])
    written = export.export(result.run, targets(FORMATS, QUANTIZATIONS), lambda _: None)
    paths = {done.target.title: done for done in written}
    return result, paths


def test_every_artifact_measures_the_same(exported) -> None:
    result, paths = exported
    test = load(schema.load(str(result.run.recipe))).splits.test
    for name in FORMATS:
        assert paths[name].parity.holds
        assert paths[name].parity.examples > 20
        found = evaluate.evaluate(artifacts.load(paths[name].path), test)
        assert found["loss"] == pytest.approx(result.metrics["test"]["loss"], rel=1e-5)
        assert found["accuracy"] == pytest.approx(result.metrics["test"]["accuracy"], abs=1e-3)


def test_the_run_learns_and_stands_beside_two_baselines(exported) -> None:
    metrics = exported[0].metrics
    assert [each["name"] for each in metrics["baselines"]] == [
        "character frequencies", "5-gram model",
    ]  # fmt: skip
    assert metrics["monitor"] == "loss"
    assert metrics["test"]["loss"] < np.log(40)
    assert metrics["test"]["perplexity"] == pytest.approx(np.exp(metrics["test"]["loss"]))
    assert metrics["baselines"][1]["loss"] < metrics["baselines"][0]["loss"]


def test_streaming_reads_each_character_once_and_gives_what_the_model_gives(exported) -> None:
    """Over windows of the test part, one after another, by the run and by the TFLite file."""
    result, paths = exported
    split = load(schema.load(str(result.run.recipe))).splits.test
    raw, _ = split.gather(np.arange(3))
    expected = artifacts.load(result.run.model).predict_batch(raw)
    for path in (result.run.path, paths["keras"].path, paths["tflite"].path):
        stepper = generation.load(path)
        alphabet = Generator(stepper).alphabet
        for window, answers in zip(raw, expected, strict=True):
            state, found = stepper.start(1), []
            for token in alphabet.encode(window):
                probabilities, state = stepper.step(np.array([token], np.int32), state)
                found.append(probabilities[0])
            found = np.stack(found)
            assert np.abs((found if answers.ndim == 2 else found[-1]) - answers).max() < 1e-5


def test_texts_of_different_length_answer_as_each_alone(exported) -> None:
    _, paths = exported
    texts = np.array(["The quick", "光", "over the lazy dog!\nThe ß"], object)
    for name in FORMATS:
        predictor = artifacts.load(paths[name].path)
        together = predictor.predict_batch(texts)
        for text, answer in zip(texts, together, strict=True):
            alone = predictor.predict_batch(np.array([text], object))[0]
            of_text = answer[: len(text)] if answer.ndim == 2 else answer
            assert np.allclose(of_text, alone, atol=1e-6), (name, text)
    assert np.isfinite(predictor.predict_batch(np.array([""], object))).all()


def test_generating_is_reproducible_and_equal_in_every_form(exported, run_cli) -> None:
    result, paths = exported
    made = []
    names = [name for name in ("keras", "tflite", "saved-model", "onnx") if name in paths]
    for path in (result.run.path, *(paths[name].path for name in names)):
        arguments = ("generate", path, "--prompt", "The ß", "--length", 60, "--seed", 7)
        done = run_cli(*arguments, "--top-k", 10)
        assert done.code == 0
        assert done.stdout.startswith("The ß")
        assert len(done.stdout) == len("The ß") + 60 + 1
        assert "the model was not trained on 'ß'" in done.stderr
        assert "60 characters, " in done.stderr
        assert "seed 7" in done.stderr
        document = json.loads(run_cli(*arguments, "--top-k", 10, "--json").stdout)
        assert document["schema"] == "dlcli.generate/1"
        assert document["prompt"] + document["text"] + "\n" == done.stdout
        assert document["unknown_in_prompt"] == ["ß"]
        assert run_cli(*arguments, "--quiet").stderr.count("\n") == 1  # the warning alone
        made.append(done.stdout)
    assert len(set(made)) == 1


def test_a_tflite_file_generates_without_tensorflow(exported) -> None:
    code = (
        "import sys\nfrom dlcli.cli.app import main\n"
        "main(sys.argv[1:])\n"
        "print(sorted({'keras', 'tensorflow', 'polars', 'sklearn'} & set(sys.modules)))\n"
    )
    arguments = ["generate", exported[1]["tflite"].path, "--prompt", "The", "--seed", "1", "-q"]
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "[]"
    assert done.stdout.startswith("The")


def test_ctrl_c_ends_a_text_with_its_line(exported) -> None:
    arguments = ["generate", exported[1]["tflite"].path, "--length", 10**8, "--seed", 1]
    with subprocess.Popen(
        [sys.executable, "-m", "dlcli", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        first = process.stdout.read(5)
        process.send_signal(signal.SIGINT)
        out, said = process.communicate(timeout=60)
    assert (len(first), process.returncode) == (5, 130)
    assert out.endswith("\n")
    assert said == "Stopped.\n"


def test_plain_litert_carries_the_state_by_name(exported) -> None:
    """As a program that knows nothing of dlcli would."""
    import zipfile

    from ai_edge_litert.interpreter import Interpreter

    result, paths = exported
    path = paths["tflite"].path
    with zipfile.ZipFile(path) as archive:
        vocabulary = json.loads(archive.read("vocabulary.json"))
    runner = Interpreter(str(path)).get_signature_runner("serving_default")
    state = {
        name: np.zeros(tensor["shape"], np.float32)
        for name, tensor in runner.get_input_details().items()
        if name != "token_ids"
    }
    for character in "The q":
        token = np.array([[vocabulary.index(character)]], np.int32)
        state = runner(token_ids=token, **state)
        probabilities = state.pop("probabilities")
    expected = artifacts.load(result.run.model).predict_batch(np.array(["The q"], object))
    assert np.allclose(
        probabilities[0], expected[0, -1] if expected.ndim == 3 else expected[0], atol=1e-5
    )
    operators = paths["tflite"].operators
    assert not any(name.startswith("custom:") or name == "WHILE" for name in operators)


def test_quantized_files_generate_too(exported, run_cli) -> None:
    for name in ("tflite float16", "tflite dynamic"):
        assert exported[1][name].parity.holds
        done = run_cli("generate", exported[1][name].path, "--length", 20, "--seed", 1, "-q")
        assert (done.code, len(done.stdout)) == (0, 21)


def test_what_follows_the_lines_of_a_file_is_predicted(exported, run_cli, tmp_path: Path) -> None:
    path = tmp_path / "beginnings.txt"
    path.write_text("The quic\no\n", encoding="utf-8")
    tflite = exported[1]["tflite"].path
    items = json.loads(run_cli("predict", tflite, path, "--json").stdout)["predictions"]
    assert [item["input"] for item in items] == ["The quic", "o"]
    assert len(items[0]["classes"]) == 3
    path.write_text("The quic\n\no\n", encoding="utf-8")
    done = run_cli("predict", tflite, path, "--format", "csv")
    assert done.code == 3
    assert "the text is empty" in done.stdout
    shown = run_cli("predict", tflite, "--text", "lazy dog!", "--top-k", 50, "--format", "table")
    assert "'\\n'" in shown.stdout  # a line feed that can be seen
    split = run_cli("predict", exported[0].run.path, "--split", "test", "--limit", 2, "--json")
    for item in json.loads(split.stdout)["predictions"]:
        assert len(item["true_class"]) == 1
        assert "text.txt characters " in item["input"]


def test_another_text_is_measured_whole(exported, run_cli, tmp_path: Path) -> None:
    path = tmp_path / "other.txt"
    path.write_text(make_text(50, seed=1), encoding="utf-8")
    done = run_cli("evaluate", exported[1]["tflite"].path, "--data", path, "--json")
    found = json.loads(done.stdout)["test"]
    every_step = exported[0].metrics["test"]["characters"] > exported[0].metrics["test"]["examples"]
    assert found["characters"] == found["examples"] * (20 if every_step else 1)
    assert found["examples"] == pytest.approx(
        len(make_text(50, seed=1)) / (20 if every_step else 4), rel=0.05
    )
    assert 0 < found["loss"] < 4


def test_a_stopped_training_goes_on_to_the_same_end(text, tmp_path: Path) -> None:
    """With dropout, moving windows, gradients and text samples, stopped in the second epoch."""
    weights = []
    for name in ("whole", "stopped"):
        stop = None
        if name == "stopped":

            def stop(events) -> bool:
                steps = [event for event in events if type(event).__name__ == "StepsDone"]
                return bool(steps) and (steps[-1].epoch, steps[-1].step) >= (1, 3)

        result, _ = train(text, tmp_path, *KINDS["gru"], "training.epochs=3", name=name, stop=stop)
        if stop:
            assert result.metrics is None
            result = run.resume(result.run, events=lambda _: None, stop=lambda: False)
        weights.append(keras_file.load(result.run.model).model.get_weights())
        weights.append(result.run.history.read_bytes())
    assert all(
        np.array_equal(one, other) for one, other in zip(weights[0], weights[2], strict=True)
    )
    assert weights[1] == weights[3]


@pytest.mark.slow
def test_samples_leave_the_training_as_it_is(text, tmp_path: Path, monkeypatch) -> None:
    """Every weight comes out the same without them."""
    from dlcli.training import samples

    found = []
    for name in ("with", "without"):
        if name == "without":
            monkeypatch.setattr(samples, "of", lambda *_: None)
        result, _ = train(text, tmp_path, *KINDS["gru"], name=name)
        found.append(keras_file.load(result.run.model).model.get_weights())
    assert all(np.array_equal(one, other) for one, other in zip(*found, strict=True))


def test_tensorboard_has_samples_of_the_text(exported) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    folder = exported[0].run.tensorboard / "train"
    log = EventAccumulator(str(folder)).Reload()
    samples = [each.tensor_proto.string_val[0].decode() for each in log.Tensors("sample")]
    assert 1 <= len(samples) <= 2  # as often as they are cheap, and at the end
    for sample in samples:
        assert all(line.startswith("    ") for line in sample.splitlines() if line)


def test_the_test_part_changes_nothing_in_training(tmp_path: Path) -> None:
    """Whatever stands in the test part, characters and weights come out the same."""
    content, found = make_text(), []
    cut = len(content) - round(0.15 * len(content))
    for name in ("as it is", "changed"):
        path = tmp_path / f"{name}.txt"
        end = content[cut:] if name == "as it is" else "ÄÖÜ" * len(content)
        path.write_text(content[:cut] + end[: len(content) - cut], encoding="utf-8")
        result, _ = train(path, tmp_path, name=name)
        model = keras_file.load(result.run.model).model
        found.append((model.get_layer("preprocessor").get_layer("tokens").class_names, model))
    assert found[0][0] == found[1][0]
    weights = (model.get_weights() for _, model in found)
    assert all(np.array_equal(one, other) for one, other in zip(*weights, strict=True))


def test_a_network_that_cannot_stream_is_refused_before_it_is_trained(text, tmp_path: Path) -> None:
    from dlcli.errors import RecipeError

    overrides = ("preprocessing.predict=last-step", "model.bidirectional=true")
    with pytest.raises(RecipeError, match="cannot go on step by step"):
        train(text, tmp_path, *overrides)
    assert not list(tmp_path.iterdir())


def test_the_saved_model_takes_text(exported) -> None:
    import tensorflow as tf

    loaded = tf.saved_model.load(str(exported[1]["saved-model"].path))
    answer = loaded.signatures["serving_default"](text=tf.constant(["The quick"]))
    every_step = answer["probabilities"].ndim == 3
    assert answer["class_name"].shape == ((1, 9) if every_step else (1,))


@pytest.mark.slow
@pytest.mark.shared_data
def test_an_epoch_of_tiny_shakespeare_says_more_than_how_often_characters_are(
    shared_data, tmp_path
) -> None:
    source = shared_data / "text" / "tinyshakespeare.txt"
    loaded = schema.load("char-lstm", [f'data.source="{source}"', "training.epochs=1"])
    result = run.train(loaded, "char-lstm", tmp_path, events=lambda _: None, stop=lambda: False)
    frequencies = result.metrics["baselines"][0]["loss"]
    assert result.metrics["test"]["loss"] < frequencies - 0.2
    assert keras.saving.load_model(result.run.model).count_params() == 239_938
