"""Tables from a file to predictions, by every artifact."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import keras
import numpy as np
import polars as pl
import pytest

from dlcli import artifacts
from dlcli.artifacts import keras_file
from dlcli.data import load
from dlcli.evaluation import evaluate
from dlcli.export import export
from dlcli.export.target import targets
from dlcli.recipe import schema
from dlcli.training import run

FORMATS = ["keras", "saved-model", "tflite", "onnx"]
NUM_ROWS = 120


def make_table(seed: int = 0) -> pl.DataFrame:
    """Gaps, Chinese and reserved names, a category; `label` and `price` follow from them."""
    generator = np.random.default_rng(seed)
    size = generator.normal(50, 10, NUM_ROWS)
    town = generator.integers(0, 3, NUM_ROWS)
    price = 1e5 + 2000 * size + 3e4 * town + generator.normal(0, 500, NUM_ROWS)
    gaps = pl.Series(generator.random(NUM_ROWS) < 0.1)
    frame = pl.DataFrame(
        {
            "面积": np.round(size, 2),
            "class": [["Bonn", "Köln", "O'Fallon, \nIL"][place] for place in town],
            "price": np.round(price, 1),
            "label": np.where(price > np.median(price), "dear", "cheap"),
        }
    )
    return frame.with_columns(pl.when(~gaps).then(pl.col("面积")).alias("面积"))


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tables") / "houses.csv"
    path.write_bytes(make_table().write_csv().encode("gb18030"))
    return path


def train(table: object, folder: Path, *overrides: str, name: str = "run"):
    overrides = (f'data.source="{table}"', "training.epochs=3", *overrides)
    events = []
    result = run.train(
        schema.load("table-mlp", list(overrides)),
        "table-mlp",
        folder,
        name=name,
        events=events.append,
        stop=lambda: False,
    )
    return result, events


@pytest.fixture(scope="module")
def runs(table, tmp_path_factory):
    """A classification and a regression of the table, each exported in every format."""
    folder = tmp_path_factory.mktemp("runs")
    found = {}
    for task, target, other in (
        ("table-classification", "label", "price"),
        ("table-regression", "price", "label"),
    ):
        overrides = (f"task={task}", f"data.target={target}", f"data.exclude=[{other}]")
        result, _ = train(table, folder, *overrides, "training.batch_size=16", name=task)
        exported = export.export(result.run, targets(FORMATS), lambda _: None)
        paths = {done.target.format: done for done in exported}
        found[task] = (result, paths)
    return found


def test_a_regression_answers_in_the_units_of_its_target(runs) -> None:
    result, _ = runs["table-regression"]
    test = result.metrics["test"]
    assert set(test) == {"examples", "rmse", "mae", "r2"}
    assert 500 < test["rmse"] < 40_000
    assert [baseline["name"] for baseline in result.metrics["baselines"]] == [
        "mean target",
        "linear regression",
    ]
    assert result.metrics["baselines"][1]["rmse"] < 10_000 < result.metrics["baselines"][0]["rmse"]
    assert result.metrics["monitor"] == "rmse"
    assert (result.run.plots / "predictions.png").is_file()


def test_the_best_epoch_of_a_regression_is_the_one_with_the_smallest_error(runs) -> None:
    result, _ = runs["table-regression"]
    rows = list(csv.DictReader(result.run.history.read_text().splitlines()))
    errors = [float(row["val_rmse"]) for row in rows]
    assert result.metrics["best_epoch"] == 1 + int(np.argmin(errors))


def test_a_classification_stands_beside_two_baselines(runs) -> None:
    result, _ = runs["table-classification"]
    names = [baseline["name"] for baseline in result.metrics["baselines"]]
    assert names == ["majority class", "logistic regression"]
    assert (result.run.plots / "confusion.png").is_file()


@pytest.mark.parametrize("task", ["table-classification", "table-regression"])
@pytest.mark.parametrize("format", FORMATS)
def test_every_artifact_measures_the_same(runs, task: str, format: str) -> None:
    result, paths = runs[task]
    assert paths[format].parity.holds
    predictor = artifacts.load(paths[format].path)
    test = load(schema.load(str(result.run.recipe))).splits.test
    found = evaluate.evaluate(predictor, test)
    monitor = result.metrics["monitor"]
    assert found[monitor] == pytest.approx(result.metrics["test"][monitor], rel=1e-4)


def test_plain_litert_takes_one_matrix_of_columns(runs) -> None:
    from ai_edge_litert.interpreter import Interpreter

    path = runs["table-regression"][1]["tflite"].path
    runner = Interpreter(str(path)).get_signature_runner("serving_default")
    assert list(runner.get_input_details()) == ["columns"]
    columns = np.array([[50, 0], [np.nan, -1], [50, np.nan]], np.float32)
    assert np.isfinite(runner(columns=columns)["prediction"]).all()


def test_the_saved_model_takes_columns_by_name(runs) -> None:
    import tensorflow as tf

    loaded = tf.saved_model.load(str(runs["table-classification"][1]["saved-model"].path))
    answer = loaded.signatures["serving_default"](
        column_1=tf.constant([50.0, np.nan]), class_=tf.constant(["Bonn", "Rom"])
    )
    assert answer["probabilities"].shape == (2, 2)
    assert {name.decode() for name in answer["class_name"].numpy()} <= {"cheap", "dear"}


def test_what_is_predicted_keeps_its_columns_and_says_what_does_not_fit(
    runs, run_cli, tmp_path: Path
) -> None:
    path = tmp_path / "new.csv"
    path.write_text("id,面积,class\n7,50,Bonn\n8,,Ulm\n9,big,Bonn\n", encoding="gb18030")
    tflite = runs["table-regression"][1]["tflite"].path
    result = run_cli("predict", tflite, path, "--format", "csv")
    assert result.code == 3
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert list(rows[0]) == ["id", "面积", "class", "predicted_price", "error"]
    assert [row["id"] for row in rows] == ["7", "8", "9"]
    assert 1e5 < float(rows[0]["predicted_price"]) < 5e5
    assert rows[2]["predicted_price"] == ""
    assert rows[2]["error"] == "'面积' is 'big', which is no number"
    document = json.loads(run_cli("predict", tflite, path, "--limit", 1, "--json").stdout)
    (item,) = document["predictions"]
    assert item["columns"] == {"id": "7", "面积": "50", "class": "Bonn"}
    assert item["prediction"] == float(rows[0]["predicted_price"])


def test_classes_of_rows_and_of_a_split(runs, run_cli, tmp_path: Path) -> None:
    result, paths = runs["table-classification"]
    path = tmp_path / "new.jsonl"
    path.write_text('{"class": "Bonn", "面积": 20, "predicted_label": "mine"}\n')
    rows = list(
        csv.DictReader(
            io.StringIO(run_cli("predict", paths["tflite"].path, path, "--format", "csv").stdout)
        )
    )
    assert rows[0]["predicted_label"] == "mine"
    assert rows[0]["predicted_label_"] == "cheap"
    done = run_cli("predict", result.run.path, "--split", "test", "--limit", 2, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert list(rows[0])[:3] == ["input", "predicted_label", "probability"]
    assert {row["true_label"] for row in rows} <= {"cheap", "dear"}
    assert rows[0]["input"].startswith("houses.csv row ")


def test_a_table_without_a_column_of_the_model_is_an_error(runs, run_cli, tmp_path: Path) -> None:
    path = tmp_path / "new.csv"
    path.write_text("面积\n50\n", encoding="utf-8")
    result = run_cli("predict", runs["table-regression"][1]["tflite"].path, path)
    assert result.code == 3
    assert "has no column 'class'. Did you mean" not in result.stderr
    assert "has no column 'class'. It has: 面积." in result.stderr


def test_other_data_is_measured_and_rows_left_out_are_said(runs, run_cli, tmp_path: Path) -> None:
    path = tmp_path / "other.parquet"
    make_table(seed=1)[:50].with_columns(
        price=pl.when(pl.int_range(50) < 2).then(None).otherwise(pl.col("price"))
    ).write_parquet(path)
    tflite = runs["table-regression"][1]["tflite"].path
    result = run_cli("evaluate", tflite, "--data", path, "--json")
    assert json.loads(result.stdout)["test"]["examples"] == 48
    assert "other.parquet row 1: 'price' is missing" in result.stderr


def test_the_test_part_changes_nothing_in_training(tmp_path: Path) -> None:
    """Whatever stands in the test rows, every weight comes out the same."""
    frame = make_table().drop("price")
    weights = []
    for name in ("as it is", "changed"):
        folder = tmp_path / name
        folder.mkdir()
        frame[:100].write_csv(folder / "train.csv")
        test = frame[100:]
        if name == "changed":
            test = test.with_columns(pl.lit(1e9).alias("面积"), pl.lit("Ulm").alias("class"))
        test.write_csv(folder / "test.csv")
        result, _ = train(folder, tmp_path / "runs", "data.target=label", name=name)
        weights.append(keras_file.load(result.run.model).model.get_weights())
    assert all(np.array_equal(one, other) for one, other in zip(*weights, strict=True))


def test_what_is_wrong_with_columns_is_said_once(tmp_path: Path) -> None:
    frame = make_table().drop("price").with_columns(same=pl.lit(1))
    frame.write_csv(tmp_path / "t.csv")
    _, events = train(tmp_path / "t.csv", tmp_path / "runs")
    warnings = [event.message for event in events if type(event).__name__ == "Warned"]
    assert warnings == [
        "the column 'same' is left out: it is always '1' in the train split.",
        "8 rows are identical to others; copies are kept in the same split.",
    ]
    started = next(event for event in events if type(event).__name__ == "Started")
    assert started.unit == "rows"


def test_linear_regression_finds_the_line(tmp_path: Path) -> None:
    loaded = schema.load("line-linear")
    result = run.train(
        loaded, "line-linear", tmp_path, name="line", events=lambda _: None, stop=lambda: False
    )
    predictor = artifacts.load(result.run.model)
    ends = predictor.predict_batch({"x": np.array([0, 1], np.float32)})[:, 0]
    assert ends[0] == pytest.approx(1, abs=0.15)
    assert ends[1] - ends[0] == pytest.approx(2, abs=0.05)
    assert result.metrics["test"]["rmse"] == pytest.approx(1, abs=0.05)  # the noise


def test_a_stopped_training_of_a_table_goes_on_to_the_same_end(table, tmp_path: Path) -> None:
    overrides = (f'data.source="{table}"', "data.target=label", "data.exclude=[price]")
    loaded = schema.load("table-mlp", [*overrides, "training.epochs=2"])
    results = []
    for name in ("whole", "stopped"):
        steps = []

        def report(event, steps=steps) -> None:
            steps.append(type(event).__name__)

        def stop(name=name, steps=steps) -> bool:
            return name == "stopped" and "StepsDone" in steps

        result = run.train(loaded, "table-mlp", tmp_path, name=name, events=report, stop=stop)
        if name == "stopped":
            assert result.metrics is None
            result = run.resume(result.run, events=lambda _: None, stop=lambda: False)
        results.append(keras.saving.load_model(result.run.model).get_weights())
    assert all(np.array_equal(one, other) for one, other in zip(*results, strict=True))


@pytest.mark.slow
@pytest.mark.shared_data
def test_titanic_without_the_column_that_gives_it_away(shared_data: Path, tmp_path: Path) -> None:
    path = shared_data / "tabular" / "titanic.csv"
    accuracies = []
    for seed in range(5):
        overrides = [
            f'data.source="{path}"', "data.target=survived", "data.exclude=[alive]",
            f"training.seed={seed}", f"data.split_seed={seed}",
        ]  # fmt: skip
        result = run.train(
            schema.load("table-mlp", overrides),
            "table-mlp",
            tmp_path,
            name=f"seed-{seed}",
            events=lambda _: None,
            stop=lambda: False,
        )
        accuracies.append(result.metrics["test"]["accuracy"])
    assert np.mean(accuracies) >= 0.8


@pytest.mark.slow
@pytest.mark.shared_data
def test_california_housing_reaches_its_figure(shared_data, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("KERAS_HOME", str(shared_data / "keras"))
    result = run.train(
        schema.load("california-mlp"),
        "california-mlp",
        tmp_path,
        events=lambda _: None,
        stop=lambda: False,
    )
    assert result.metrics["test"]["rmse"] <= 51_500
