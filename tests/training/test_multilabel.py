"""Images and texts with several labels each, from a table to predictions by a run and a file."""

from __future__ import annotations

import functools
import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from PIL import Image, ImageDraw

from dlcli import artifacts, data
from dlcli.evaluation import baselines, evaluate
from dlcli.evaluation import multilabel as measures
from dlcli.events import Warned
from dlcli.export import export
from dlcli.export.target import targets
from dlcli.recipe import schema
from dlcli.tensorboard import examples
from dlcli.tensorboard.budget import Budget
from dlcli.tensorboard.shown import Shown
from dlcli.training import run

COLOURS = {"bar": (60, 220, 60), "disc": (220, 60, 60), "frame": (80, 80, 255)}
WORDS = {"food": ["soup", "bread"], "sport": ["ball", "goal"], "travel": ["train", "hotel"]}


def images(folder: Path, count: int = 160) -> Path:
    """Pictures with any of three shapes, which are their labels."""
    random = np.random.default_rng(0)
    folder.mkdir()
    labels = []
    for number in range(count):
        image = Image.fromarray(random.integers(0, 60, (16, 16, 3), np.uint8))
        draw = ImageDraw.Draw(image)
        has = [name for name in COLOURS if random.random() < 0.45]
        for name in has:
            x, y = (int(each) for each in random.integers(0, 7, 2))
            if name == "bar":
                draw.rectangle([x, y, x + 8, y + 1], fill=COLOURS[name])
            elif name == "disc":
                draw.ellipse([x, y, x + 7, y + 7], fill=COLOURS[name])
            else:
                draw.rectangle([x, y, x + 8, y + 8], outline=COLOURS[name])
        image.save(folder / f"{number}.png")
        labels.append(";".join(has))
    names = [f"{number}.png" for number in range(count)]
    pl.DataFrame({"path": names, "labels": labels}).write_csv(folder / "labels.csv")
    return folder


def texts(path: Path, count: int = 240) -> Path:
    """Texts with words of any of three subjects, which are their labels."""
    random = np.random.default_rng(0)
    rows = []
    for _ in range(count):
        has = [name for name in WORDS if random.random() < 0.4]
        words = [*random.choice(["the", "a", "we", "saw", "had", "very"], 5)]
        words += [random.choice(WORDS[name]) for name in has]
        random.shuffle(words)
        rows.append((" ".join(words), "|".join(has)))
    pl.DataFrame(rows, ["text", "labels"], orient="row").write_csv(path)
    return path


CASES = {
    "image-multilabel": [
        "preprocessing.image_size=[16, 16]", "augmentation={}", "model.filters=[16, 32]",
        "training.epochs=14", "training.learning_rate=0.01", "training.precision=float32",
    ],
    "text-multilabel": [
        "embedding={size: 16}", "training.epochs=12", "training.learning_rate=0.02",
        "training.batch_size=16", "model.dropout=0.0",
    ],
}  # fmt: skip

TASKS = ["text-multilabel", pytest.param("image-multilabel", marks=pytest.mark.slow)]


def train(task: str, source: Path, folder: Path, *overrides: str, **options):
    loaded = schema.load(task, [f"data.source={source}", *CASES[task], *overrides])
    options = {"events": lambda _: None, "stop": lambda: False, **options}
    return run.train(loaded, task, folder, **options)


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    folder = tmp_path_factory.mktemp("labelled")
    return {
        "image-multilabel": images(folder / "images"),
        "text-multilabel": texts(folder / "texts.csv"),
    }


@pytest.fixture(scope="module")
def trained(sources, tmp_path_factory):
    """From a task to a run of it, and its TFLite files, plain and quantized."""
    folder = tmp_path_factory.mktemp("runs")

    @functools.cache
    def of_task(task: str):
        result = train(task, sources[task], folder, name=task)
        return result, [
            *export.export(result.run, targets(["tflite"]), lambda _: None),
            *export.export(result.run, targets(["tflite"], ["int8"]), lambda _: None),
        ]

    return of_task


@pytest.mark.parametrize("task", TASKS)
def test_labels_are_learned_better_than_by_simple_models(trained, task: str) -> None:
    metrics = trained(task)[0].metrics
    assert metrics["monitor"] == "macro_f1"
    assert metrics["verdict"]["outcome"] in {"better", "level"}
    assert metrics["test"]["macro_f1"] > metrics["baselines"][0]["macro_f1"] + 0.1
    assert metrics["baselines"][0]["macro_f1"] > 0.3  # all labels, for every example
    assert metrics["chosen_by"]["metric"] == "loss"


@pytest.mark.parametrize("task", TASKS)
def test_thresholds_are_those_of_the_validation_split(trained, task: str) -> None:
    result, exported = trained(task)
    splits = data.load(schema.load(str(result.run.recipe))).splits
    predictor = artifacts.load(result.run.model)
    validation = splits.validation
    answers = evaluate.predict(predictor, validation)
    chosen = measures.decide(answers, validation.targets[validation.rows])
    assert predictor.metadata["thresholds"] == pytest.approx(chosen["thresholds"])
    for each in exported:
        assert artifacts.load(each.path).metadata["thresholds"] == predictor.metadata["thresholds"]
    shown = [row["threshold"] for row in result.metrics["test"]["per_class"]]
    assert shown == predictor.metadata["thresholds"]


@pytest.mark.parametrize("task", TASKS)
def test_exported_files_agree(trained, task: str) -> None:
    result, exported = trained(task)
    test = data.load(schema.load(str(result.run.recipe))).splits.test
    plain, quantized = exported
    assert plain.parity.holds
    assert quantized.parity.holds
    assert quantized.parity.metric == "macro_f1"
    found = evaluate.evaluate(artifacts.load(plain.path), test)
    assert found.pop("per_class")
    expected = {name: result.metrics["test"][name] for name in found}
    assert found == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("task", TASKS)
def test_predictions_name_all_labels_with_their_thresholds(trained, run_cli, task: str) -> None:
    result, exported = trained(task)
    found = []
    for artifact in (result.run.path, exported[0].path):
        done = run_cli("predict", artifact, "--split", "test", "--limit", 20, "--json")
        assert done.code == 0, done.stderr
        found.append(json.loads(done.stdout)["predictions"])
    for row in found[0]:
        thresholds = {each["class"]: each["threshold"] for each in row["classes"]}
        assert all(each["probability"] >= each["threshold"] for each in row["labels"])
        assert len(thresholds) == 3
    right = [[each["class"] for each in row["labels"]] == row["true_labels"] for row in found[0]]
    assert np.mean(right) > 0.5
    for first, second in zip(*found, strict=True):
        assert [each["class"] for each in first["labels"]] == [
            each["class"] for each in second["labels"]
        ]


@pytest.mark.parametrize("task", TASKS)
def test_own_data_is_measured(trained, sources, run_cli, task: str) -> None:
    done = run_cli("evaluate", trained(task)[1][0].path, "--data", sources[task], "--json")
    assert done.code == 0, done.stderr
    assert json.loads(done.stdout)["test"]["macro_f1"] > 0.5


def test_own_labels_may_be_written_otherwise(trained, sources, run_cli, tmp_path: Path) -> None:
    frame = pl.read_csv(sources["text-multilabel"])
    labels = frame["labels"].fill_null("")
    commas = tmp_path / "commas.csv"
    frame.with_columns(labels.str.replace_all("|", ", ", literal=True)).write_csv(commas)
    lines = tmp_path / "lines.txt"
    with lines.open("w", encoding="utf-8") as file:
        for text, cell in zip(frame["text"], labels, strict=True):
            words = [f"__label__{label}" for label in cell.split("|") if label]
            file.write(f"{' '.join([*words, text])}\n")
    _, [artifact, *_] = trained("text-multilabel")
    expected = run_cli("evaluate", artifact.path, "--data", sources["text-multilabel"], "--json")
    for own in (
        [commas, "--set", 'data.label_separator=","'],
        [commas, "--set", "data.label_separator=auto"],
        [lines],
        [lines, "--set", "data.label_separator=auto"],
    ):
        done = run_cli("evaluate", artifact.path, "--data", *own, "--json")
        assert done.code == 0, done.stderr
        assert json.loads(done.stdout)["test"] == json.loads(expected.stdout)["test"]
    done = run_cli("evaluate", artifact.path, "--data", commas)
    assert "If labels are separated by ',': --set 'data.label_separator=\",\"'" in done.stderr


@pytest.mark.parametrize("task", TASKS)
def test_explanations_are_of_a_predicted_label(trained, run_cli, tmp_path, task: str) -> None:
    path = trained(task)[0].run.path
    options = ("--split", "test", "--limit", 1, "--output", tmp_path / "out", "--json")
    done = run_cli("explain", path, *options)
    assert done.code == 0, done.stderr
    name = "bar" if task.startswith("image") else "food"
    named = run_cli("explain", path, *options[:-2], tmp_path / "named", "--json", "--class", name)
    assert named.code == 0, named.stderr
    assert name in named.stdout


def test_a_training_that_was_stopped_ends_as_one_that_was_not(trained, sources, tmp_path) -> None:
    task, steps = "text-multilabel", []
    stopped = train(
        task,
        sources[task],
        tmp_path,
        name=task,
        events=lambda event: steps.append(getattr(event, "step", 0)),
        stop=lambda: max(steps) >= 4,
    )
    assert stopped.metrics is None
    ended = run.resume(stopped.run, events=lambda _: None, stop=lambda: False)
    whole = trained(task)[0].run
    assert ended.run.metrics.read_bytes() == whole.metrics.read_bytes()
    assert ended.run.history.read_bytes() == whole.history.read_bytes()


@pytest.mark.parametrize("task", TASKS)
def test_a_long_training_shows_the_validation_split_by_thresholds(
    sources, tmp_path, monkeypatch, task: str
) -> None:
    monkeypatch.setattr(Budget, "allows", lambda *_: True)
    shown: list[Shown] = []
    monkeypatch.setattr(examples, "show", lambda files, each, step: shown.append(each))
    train(task, sources[task], tmp_path, "training.epochs=2")
    during, after = (each for each in shown if each.place == "validation")
    for each in (during, after):
        chosen = measures.decide(each.answers, each.targets)
        assert each.metadata["thresholds"] == pytest.approx(chosen["thresholds"])
        assert [row["threshold"] for row in each.measured["per_class"]] == pytest.approx(
            chosen["thresholds"]
        )


def test_a_refit_leaves_no_split_for_thresholds(sources, tmp_path) -> None:
    told: list[str] = []
    result = train(
        "text-multilabel",
        sources["text-multilabel"],
        tmp_path,
        "training={epochs: 2, refit: true, class_weights: balanced, label_smoothing: 0.1}",
        events=lambda event: told.append(event.message) if isinstance(event, Warned) else None,
    )
    assert artifacts.load(result.run.model).metadata["thresholds"] == [0.5] * 3
    assert any(
        "training.refit leaves no validation split to choose thresholds" in each for each in told
    )
    assert result.metrics["baselines"][0]["macro_f1"] > 0.3


def test_simple_models_choose_their_thresholds_on_the_validation_split(sources) -> None:
    recipe = schema.load("text-multilabel", [f"data.source={sources['text-multilabel']}"])
    dataset = data.load(recipe)
    terms: dict[str, dict[str, np.ndarray]] = {}
    document = {"class_names": dataset.spec.class_names}
    found = baselines.measure(recipe, dataset, lambda split: split, document, terms.__setitem__)
    assert [each["name"] for each in found] == [
        "label frequency",
        "TF-IDF with logistic regression",
    ]
    assert found[1]["macro_f1"] > 0.95
    # The same labels for all examples: with this measure all of them are the best guess.
    test = dataset.splits.test
    truth = test.targets[test.rows] == 1
    assert terms["label frequency"]["hit"].tolist() == truth.tolist()
    assert {each["examples"] for each in found} == {len(test)}
