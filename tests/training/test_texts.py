"""Texts from a file to predictions, by every artifact."""

from __future__ import annotations

import csv
import functools
import io
import json
from pathlib import Path

import keras
import numpy as np
import polars as pl
import pytest

from dlcli import artifacts
from dlcli.data import load
from dlcli.evaluation import evaluate
from dlcli.export import export
from dlcli.export.target import targets
from dlcli.recipe import schema
from dlcli.training import run

FORMATS = ["keras", "saved-model", "tflite"]
FAMILIES = ["attention", pytest.param("transformer", marks=pytest.mark.slow)]
SMALL = ("embedding.size=8", "training.batch_size=16", "training.epochs=2")
WORDS = {"good": ["fine", "très", "好", "🙂"], "bad": ["dull", "weak", "坏", "☹"]}


def make(num_rows: int = 90, seed: int = 0) -> pl.DataFrame:
    """Texts of one to six words that say their label; some are empty but for a mark."""
    generator = np.random.default_rng(seed)
    labels = ["good" if row % 3 else "bad" for row in range(num_rows)]
    texts = [
        " ".join(generator.choice([*WORDS[label], "the", "FILM,"], generator.integers(1, 7)))
        for label in labels
    ]
    return pl.DataFrame({"review": texts, "stars": labels})


def train(source: object, folder: Path, *overrides: str, start: str = "text-mean", **options):
    loaded = schema.load(start, [f'data.source="{source}"', *SMALL, *overrides])
    options = {"events": lambda _: None, "stop": lambda: False, **options}
    return run.train(loaded, start, folder, **options)


def roles(frame: pl.DataFrame) -> list[str]:
    text, label = frame.columns
    return [f"data.text={text}", f"data.label={label}"]


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("texts") / "films.csv"
    path.write_bytes(make().write_csv().encode("gb18030"))
    return path


@pytest.fixture(scope="module")
def trained(table, tmp_path_factory):
    """From a family that TFLite takes as it is to a run, and its exports in every format."""
    folder = tmp_path_factory.mktemp("runs")
    models = {
        "attention": "{family: attention, cell: none, attention_units: 4}",
        "transformer": "{family: transformer, units: 8, num_heads: 2, num_blocks: 1}",
    }

    @functools.cache
    def of_family(family: str):
        model = models[family]
        overrides = (
            *roles(make()), f"model={model}", "embedding.bigram_buckets=50",
            "training.learning_rate=0.03",
        )  # fmt: skip
        result = train(table, folder, *overrides, name=family)
        exported = export.export(result.run, targets(FORMATS), lambda _: None)
        return result, {done.target.format: done for done in exported}

    return of_family


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("format", FORMATS)
def test_every_artifact_measures_the_same(trained, family: str, format: str) -> None:
    result, paths = trained(family)
    assert paths[format].parity.holds
    predictor = artifacts.load(paths[format].path)
    test = load(schema.load(str(result.run.recipe))).splits.test
    found = evaluate.evaluate(predictor, test)
    assert found["loss"] == pytest.approx(result.metrics["test"]["loss"], rel=1e-4)


def test_words_are_learned_beside_two_baselines(trained) -> None:
    metrics = trained("attention")[0].metrics
    names = [baseline["name"] for baseline in metrics["baselines"]]
    assert names == ["majority class", "TF-IDF with logistic regression"]
    assert metrics["test"]["accuracy"] > metrics["baselines"][0]["accuracy"]


@pytest.mark.parametrize("family", FAMILIES)
def test_plain_litert_takes_token_ids_by_builtin_operators(trained, family: str) -> None:
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(trained(family)[1]["tflite"].path))
    runner = interpreter.get_signature_runner("serving_default")
    assert list(runner.get_input_details()) == ["token_ids"]
    names = {operator["op_name"] for operator in interpreter._get_ops_details()}
    assert not {name for name in names if name.startswith(("Flex", "CUSTOM"))}


@pytest.mark.parametrize("family", FAMILIES)
def test_awkward_texts_are_answered_alike_by_all(trained, family: str) -> None:
    texts = np.array(
        ["", " ", "très", "tre\u0300s 好" * 3, "👨\u200d👩", "İ ΣΑΣ", "a\0b\tc", "film " * 10_000],
        object,
    )
    paths = trained(family)[1]
    answers = [artifacts.load(paths[name].path).predict_batch(texts) for name in FORMATS]
    assert np.allclose(answers[0], answers[1], atol=1e-6)
    assert np.allclose(answers[0], answers[2], atol=1e-5)


def test_awkward_texts_of_a_file_are_answered_alike_by_all(
    trained, run_cli, tmp_path: Path
) -> None:
    texts = ["", "très fine", "tre\u0300s fine", "😀 好好", "two\nlines", "film " * 10_000]
    path = tmp_path / "texts.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerows([("id", "review"), *enumerate(texts)])
    paths = trained("attention")[1]
    found = []
    for name in FORMATS:
        done = run_cli("predict", paths[name].path, path, "--json")
        assert done.code == 0
        found.append(json.loads(done.stdout)["predictions"])
    for rows in zip(*found, strict=True):
        assert len({row["columns"]["id"] for row in rows}) == 1
        answers = [{item["class"]: item["probability"] for item in row["classes"]} for row in rows]
        for answer in answers[1:]:
            assert answer == pytest.approx(answers[0], abs=1e-5)
    assert found[0][1]["classes"] == found[0][2]["classes"]


def test_the_saved_model_takes_strings(trained) -> None:
    import tensorflow as tf

    loaded = tf.saved_model.load(str(trained("attention")[1]["saved-model"].path))
    answer = loaded.signatures["serving_default"](text=tf.constant(["très fine", "dull"]))
    assert answer["probabilities"].shape == (2, 2)
    assert {name.decode() for name in answer["class_name"].numpy()} <= {"bad", "good"}


def test_texts_lines_and_tables_are_predicted(trained, run_cli, tmp_path: Path) -> None:
    tflite = trained("attention")[1]["tflite"].path
    lines = tmp_path / "lines.txt"
    lines.write_bytes("très fine\r\n\ndull".encode())
    done = run_cli(
        "predict", tflite, "--text", "fine", "--text", "", lines, "--format", "csv", "--top-k", 1
    )
    assert done.code == 0
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [row["input"] for row in rows] == [
        "fine", "", *(f"{lines} line {line}" for line in (1, 2, 3)),
    ]  # fmt: skip
    assert rows[0]["predicted_stars"] == "good"
    own = tmp_path / "own.csv"
    own.write_text("id,review\n7,très fine\n8,\n9,坏\n", encoding="gb18030")
    done = run_cli("predict", tflite, own, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert list(rows[0])[:3] == ["id", "review", "predicted_stars"]
    assert [row["id"] for row in rows] == ["7", "8", "9"]
    document = json.loads(run_cli("predict", tflite, "--text", "fine", "--json").stdout)
    assert document["predictions"][0]["classes"][0]["class"] == "good"
    own.write_text("text\nx\n")
    done = run_cli("predict", tflite, own)
    assert done.code == 3
    assert "has no column 'review'. It has: text." in done.stderr


def test_a_text_for_a_model_of_images_is_an_error(trained_run, run_cli) -> None:
    done = run_cli("predict", trained_run.path, "--text", "fine")
    assert done.code == 2
    assert "this model takes no texts but the kind of data 'image'" in done.stderr


def test_own_texts_are_measured(trained, run_cli, tmp_path: Path) -> None:
    path = tmp_path / "other.parquet"
    frame = make(30, seed=1)
    frame.with_columns(
        stars=pl.when(pl.int_range(30) < 2).then(None).otherwise(pl.col("stars"))
    ).write_parquet(path)
    tflite = trained("attention")[1]["tflite"].path
    done = run_cli("evaluate", tflite, "--data", path, "--json")
    assert json.loads(done.stdout)["test"]["examples"] == 28
    assert "2 rows are left out" in done.stderr
    assert "other.parquet row 1: 'stars' is missing" in done.stderr


@pytest.mark.parametrize("source", ["tsv", "jsonl", "folder", "folder with splits"])
def test_every_kind_of_source_is_trained(tmp_path: Path, source: str) -> None:
    frame = make().rename({"review": "text", "stars": "label"})
    place = tmp_path / f"data.{source.split(maxsplit=1)[0]}"
    if source == "tsv":
        frame.write_csv(place, separator="\t")
    elif source == "jsonl":
        frame.write_ndjson(place)
    for row, (text, label) in enumerate(frame.rows() if "folder" in source else []):
        part = place / ("test" if row % 5 == 0 else "train") if "splits" in source else place
        (part / label).mkdir(parents=True, exist_ok=True)
        (part / label / f"{row}.txt").write_text(text, encoding="utf-8")
    result = train(place, tmp_path / "runs", "training.epochs=1")
    assert result.metrics["test"]["examples"] == 18
    assert (result.run.plots / "confusion.png").is_file()


def test_the_test_part_changes_nothing_in_training(tmp_path: Path) -> None:
    weights = []
    for name in ("as it is", "changed"):
        folder = tmp_path / name
        folder.mkdir()
        make()[:70].write_csv(folder / "train.csv")
        test = make()[70:]
        if name == "changed":
            test = test.with_columns(review=pl.lit("zebra " * 50))
        test.write_csv(folder / "test.csv")
        result = train(folder, tmp_path / "runs", *roles(test), name=name)
        weights.append(keras.saving.load_model(result.run.model).get_weights())
    assert all(np.array_equal(one, other) for one, other in zip(*weights, strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("start", ["text-bilstm", "text-transformer"])
def test_a_stopped_training_goes_on_to_the_same_end(table, tmp_path: Path, start: str) -> None:
    small = (
        ("model.units=[4]", "model.dense_units=[4]")
        if start == "text-bilstm"
        else ("model.units=8", "model.num_heads=2")
    )
    results = []
    for name in ("whole", "stopped"):
        events: list[str] = []
        result = train(
            table, tmp_path, *roles(make()), *small, start=start, name=name,
            events=lambda event, events=events: events.append(type(event).__name__),
            stop=lambda name=name, events=events: name == "stopped" and "StepsDone" in events,
        )  # fmt: skip
        if name == "stopped":
            assert result.metrics is None
            result = run.resume(result.run, events=lambda _: None, stop=lambda: False)
        results.append(keras.saving.load_model(result.run.model).get_weights())
    assert all(np.array_equal(one, other) for one, other in zip(*results, strict=True))
