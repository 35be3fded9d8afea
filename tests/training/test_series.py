"""Series and whole series from a file to predictions, by every artifact."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from dlcli import artifacts
from dlcli.artifacts import keras_file
from dlcli.data import load
from dlcli.evaluation import evaluate
from dlcli.export import export
from dlcli.export.target import targets
from dlcli.preprocessing import series
from dlcli.recipe import schema
from dlcli.training import run

FORMATS = ["keras", "saved-model", "tflite"]
NUM_ROWS = 200
BORDERS = "data.split_rows=[140, 30, 30]"


def make_series() -> pl.DataFrame:
    """Two columns on scales far apart, with a gap and a Chinese name."""
    steps = np.arange(NUM_ROWS)
    noise = np.random.default_rng(0).normal(size=(2, NUM_ROWS))
    load_ = 5000 + 800 * np.sin(2 * np.pi * steps / 12) + 20 * noise[0]
    price = 2 + 0.5 * np.cos(2 * np.pi * steps / 12) + 0.02 * noise[1]
    months = pl.date_range(pl.date(2000, 1, 1), pl.date(2016, 8, 1), "1mo", eager=True)
    frame = pl.DataFrame({"Month": months.dt.strftime("%Y-%m"), "负荷": load_, "price": price})
    return frame.with_columns(
        pl.when(pl.int_range(NUM_ROWS) == 50).then(None).otherwise(pl.col("price")).alias("price")
    )


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("series") / "months.csv"
    make_series().write_csv(path)
    return path


def train(
    path: object, folder: Path, *overrides: str, name: str = "run", base: str = "series-lstm"
):
    options = (f'data.source="{path}"', "training.epochs=2", *overrides)
    return run.train(
        schema.load(base, list(options)),
        base,
        folder,
        name=name,
        events=lambda _: None,
        stop=lambda: False,
    )


LINEAR = (
    "model={family: linear}", BORDERS, "preprocessing.steps=12", "preprocessing.horizon=3",
    "training.epochs=60", "training.learning_rate=1e-2",
)  # fmt: skip


@pytest.fixture(scope="module")
def forecaster(table, tmp_path_factory):
    """A linear model of both columns, three months ahead, exported in every format."""
    result = train(table, tmp_path_factory.mktemp("runs"), *LINEAR)
    return result, {
        done.target.format: done
        for done in export.export(result.run, targets(FORMATS), lambda _: None)
    }


def test_forecasts_come_back_in_their_units_and_stand_beside_simple_models(forecaster) -> None:
    result, _ = forecaster
    test = result.metrics["test"]
    first, second = test["per_target"]
    assert (first["target"], second["target"]) == ("负荷", "price")
    assert 10 < first["rmse"] < 400
    assert 0.01 < second["rmse"] < 0.4
    assert test["scaled_mse"] < 0.5
    assert len(test["per_step"]) == 3
    names = [baseline["name"] for baseline in result.metrics["baselines"]]
    assert names == ["last value", "12 steps before", "linear model"]
    assert result.metrics["monitor"] == "scaled_mse"
    plots = {path.name for path in result.run.plots.iterdir()}
    assert plots == {"training.png", "forecast.png", "error_by_step.png"}


@pytest.mark.parametrize("format", FORMATS)
def test_every_artifact_measures_the_same(forecaster, format: str) -> None:
    result, paths = forecaster
    assert paths[format].parity.holds
    assert paths[format].parity.metric == "scaled_mse"
    predictor = artifacts.load(paths[format].path)
    found = evaluate.evaluate(predictor, load(schema.load(str(result.run.recipe))).splits.test)
    assert found["scaled_mse"] == pytest.approx(result.metrics["test"]["scaled_mse"], rel=1e-4)


def test_plain_litert_takes_original_units_and_gaps(forecaster) -> None:
    from ai_edge_litert.interpreter import Interpreter

    path = forecaster[1]["tflite"].path
    runner = Interpreter(str(path)).get_signature_runner("serving_default")
    window = make_series().select("负荷", "price").to_numpy().astype(np.float32)[45:57]
    assert np.isnan(window).any()
    answer = runner(series=window[None])["prediction"]
    assert answer.shape == (1, 3, 2)
    assert (answer[:, :, 0] > 4000).all()
    assert (answer[:, :, 1] < 3).all()


def test_what_is_predicted_follows_the_history(forecaster, run_cli, tmp_path: Path) -> None:
    path = tmp_path / "history.csv"
    history = make_series()[150:180].sample(fraction=1, shuffle=True, seed=0)
    history.with_columns(other=pl.lit("x")).write_csv(path)  # other columns do not matter
    tflite = forecaster[1]["tflite"].path
    rows = list(csv.DictReader(io.StringIO(run_cli("predict", tflite, path).stdout)))
    assert list(rows[0]) == ["Month", "predicted_负荷", "predicted_price", "error"]
    assert [row["Month"] for row in rows] == ["2015-01", "2015-02", "2015-03"]
    truth = make_series()[180:183]
    for row, load_, price in zip(rows, truth["负荷"], truth["price"], strict=True):
        assert float(row["predicted_负荷"]) == pytest.approx(load_, abs=1000)
        assert float(row["predicted_price"]) == pytest.approx(price, abs=0.8)
    document = json.loads(run_cli("predict", tflite, path, "--json").stdout)
    assert document["predictions"][0]["columns"] == {"Month": "2015-01"}
    assert set(document["predictions"][0]["prediction"]) == {"负荷", "price"}
    shown = run_cli("predict", tflite, path, path, "--format", "table")
    assert shown.stdout.splitlines()[0].split() == ["step", "负荷", "price"]
    assert len(shown.stdout.splitlines()) == 7


def test_a_history_that_is_too_short_or_lacks_a_column_is_an_error(
    forecaster, run_cli, tmp_path: Path
) -> None:
    path = tmp_path / "short.csv"
    make_series()[:11].write_csv(path)
    tflite = forecaster[1]["tflite"].path
    result = run_cli("predict", tflite, path)
    assert result.code == 3
    assert "has 11 rows; the model forecasts from 12." in result.stderr
    make_series().drop("price").write_csv(path)
    assert "has no column 'price'" in run_cli("predict", tflite, path).stderr


def test_forecasts_of_a_split_stand_beside_the_truth(forecaster, run_cli) -> None:
    result, _ = forecaster
    done = run_cli("predict", result.run.path, "--split", "test", "--limit", 2, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [(row["from"], row["step"]) for row in rows[2:4]] == [("2014-03", "3"), ("2014-04", "1")]
    truth = make_series()["负荷"][170]
    assert float(rows[0]["true_负荷"]) == pytest.approx(truth, rel=1e-5)


def test_another_series_is_measured_whole(forecaster, run_cli, tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    make_series()[100:150].write_csv(path)
    done = run_cli("evaluate", forecaster[1]["tflite"].path, "--data", path, "--json")
    measured = json.loads(done.stdout)["test"]
    assert measured["examples"] == 50 - 12 - 3 + 1
    assert measured["scaled_mse"] < 0.5
    shown = run_cli("evaluate", forecaster[1]["tflite"].path, "--data", path).stdout
    assert "MSE (scaled)" in shown
    assert "负荷" in shown


def test_later_rows_change_nothing_in_training(table, tmp_path: Path) -> None:
    """Whatever stands in the test rows, every weight and every scale comes out the same."""
    weights = []
    for name in ("as it is", "changed"):
        frame = make_series()
        if name == "changed":
            changed = pl.int_range(NUM_ROWS) >= 170
            frame = frame.with_columns(
                pl.when(changed).then(1e9).otherwise(pl.col("负荷")).alias("负荷"),
                pl.when(changed).then(None).otherwise(pl.col("price")).alias("price"),
            )
        path = tmp_path / f"{name}.csv"
        frame.write_csv(path)
        result = train(path, tmp_path, *LINEAR, "training.epochs=3", name=f"run {name}")
        model = keras_file.load(result.run.model).model
        scaling = model.get_layer("preprocessor").get_layer("scaling")
        weights.append([*model.get_weights(), np.array(scaling.mean), np.array(scaling.variance)])
    assert all(np.array_equal(one, other) for one, other in zip(*weights, strict=True))


def test_a_validation_split_too_large_for_memory_is_prepared_by_batch(
    table, tmp_path: Path, monkeypatch
) -> None:
    """The weights are those of a training that holds both splits in memory."""
    weights = []
    for limit in (series._MAX_BYTES, 60 * 12 * 2 * 4):  # bytes of 60 windows
        monkeypatch.setattr(series, "_MAX_BYTES", limit)
        borders = "data.split_rows=[70, 100, 30]"
        overrides = (*LINEAR, borders, "training.epochs=2")
        result = train(table, tmp_path, *overrides, name=f"at most {limit}")
        weights.append(keras_file.load(result.run.model).model.get_weights())
    assert all(np.array_equal(one, other) for one, other in zip(*weights, strict=True))


@pytest.mark.parametrize("relative_to", ["last", "mean"])
@pytest.mark.parametrize("scaling", ["standard", "none"])
def test_a_network_that_answers_nothing_forecasts_its_level(
    table, relative_to: str, scaling: str
) -> None:
    from dlcli import preprocessing, tasks

    loaded = schema.load(
        "series-lstm",
        [f'data.source="{table}"', "model={family: linear}", f"preprocessing.scaling={scaling}",
         f"preprocessing.relative_to={relative_to}", "preprocessing.horizon=2"],
    )  # fmt: skip
    dataset = load(loaded)
    preprocessor = preprocessing.adapt(loaded, dataset.splits.train, dataset.spec)
    core = tasks.build_core(loaded, preprocessor, dataset.spec, "float32")
    core.set_weights([np.zeros_like(weight) for weight in core.get_weights()])
    window, _ = dataset.splits.test.gather(np.array([3]))
    answer = np.array(tasks.end_to_end(preprocessor, core)(window))[0]
    level = window[0, -1] if relative_to == "last" else window[0].mean(axis=0)
    assert np.allclose(answer, [level, level], rtol=1e-5)


def test_targets_that_are_missing_are_neither_learned_nor_nan(tmp_path: Path) -> None:
    frame = make_series().with_columns(
        pl.when(pl.int_range(NUM_ROWS) % 3 == 0)
        .then(None)
        .otherwise(pl.col("price"))
        .alias("price")
    )
    frame.write_csv(tmp_path / "gaps.csv")
    options = ("preprocessing.missing_indicator=true", "data.target=price", BORDERS)
    result = train(tmp_path / "gaps.csv", tmp_path, *options)
    assert np.isfinite(result.metrics["test"]["rmse"])
    assert np.isfinite(result.metrics["validation"]["scaled_mse"])


def test_a_stopped_training_of_a_series_goes_on_to_the_same_end(table, tmp_path: Path) -> None:
    options = [f'data.source="{table}"', BORDERS, "training.epochs=2", "model.units=[4]"]
    weights = []
    for name in ("whole", "stopped"):
        steps: list[str] = []

        def report(event, steps=steps) -> None:
            steps.append(type(event).__name__)

        def stop(name=name, steps=steps) -> bool:
            return name == "stopped" and "StepsDone" in steps

        loaded = schema.load("series-lstm", options)
        result = run.train(loaded, "series-lstm", tmp_path, name=name, events=report, stop=stop)
        if name == "stopped":
            assert result.metrics is None
            result = run.resume(result.run, events=lambda _: None, stop=lambda: False)
        weights.append(keras_file.load(result.run.model).model.get_weights())
    assert all(np.array_equal(one, other) for one, other in zip(*weights, strict=True))


@pytest.fixture(scope="module")
def classifier(tmp_path_factory):
    """Whole series of unequal lengths that rise or fall, exported in every format."""
    folder = tmp_path_factory.mktemp("sequences")
    random = np.random.default_rng(0)
    for split, count in (("TRAIN", 40), ("TEST", 12)):
        lines = ["@classLabel true up down", "@data"]
        for number in range(count):
            length = random.integers(3, 9)
            slope = 1 if number % 2 else -1
            values = 100 + slope * np.arange(length) + 0.1 * random.normal(size=length)
            cells = [f"{value:.3f}" for value in values]
            cells[1] = "?" if number % 5 == 0 else cells[1]
            lines.append(f"{','.join(cells)}:{'up' if slope > 0 else 'down'}")
        (folder / f"Ways_{split}.ts").write_text("\n".join(lines), encoding="utf-8")
    options = (
        "model={family: pooled}", "model.units=[8]", "training.epochs=30",
        "training.learning_rate=2e-2",
    )  # fmt: skip
    result = train(folder / "Ways", tmp_path_factory.mktemp("runs"), *options, base="sequence-lstm")
    paths = {
        done.target.format: done
        for done in export.export(result.run, targets(FORMATS), lambda _: None)
    }
    return result, paths, folder


def test_whole_series_stand_beside_simple_models(classifier) -> None:
    result, _, _ = classifier
    names = [baseline["name"] for baseline in result.metrics["baselines"]]
    assert names == ["majority class", "nearest neighbour", "logistic regression"]
    assert result.metrics["baselines"][1]["accuracy"] > 0.9
    assert result.metrics["test"]["examples"] == 12


def test_series_too_large_for_memory_are_trained_without_the_linear_baseline(
    classifier, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setattr(series, "_MAX_BYTES", 20 * 8 * 4)  # of 20 series; the train split has 36
    options = ("model={family: pooled}", "model.units=[8]", "training.epochs=1")
    result = train(classifier[2] / "Ways", tmp_path, *options, base="sequence-lstm")
    names = [baseline["name"] for baseline in result.metrics["baselines"]]
    assert names == ["majority class", "nearest neighbour"]


@pytest.mark.parametrize("format", FORMATS)
def test_every_artifact_classifies_the_same(classifier, format: str) -> None:
    result, paths, _ = classifier
    assert paths[format].parity.holds
    predictor = artifacts.load(paths[format].path)
    found = evaluate.evaluate(predictor, load(schema.load(str(result.run.recipe))).splits.test)
    assert found["loss"] == pytest.approx(result.metrics["test"]["loss"], rel=1e-4)


def test_series_of_a_file_are_predicted_with_or_without_classes(
    classifier, run_cli, tmp_path: Path
) -> None:
    _, paths, folder = classifier
    done = run_cli("predict", paths["tflite"].path, folder / "Ways_TEST.ts", "--json")
    items = json.loads(done.stdout)["predictions"]
    assert len(items) == 12
    assert items[0]["input"] == "Ways_TEST.ts series 1"
    assert items[0]["true_class"] == "down"
    plain = tmp_path / "new.ts"
    plain.write_text("@classLabel false\n@data\n100,101,102\n", encoding="utf-8")
    (item,) = json.loads(run_cli("predict", paths["tflite"].path, plain, "--json").stdout)[
        "predictions"
    ]
    assert "true_class" not in item
    wide = tmp_path / "wide.ts"
    wide.write_text("@classLabel false\n@data\n1,2:3,4\n", encoding="utf-8")
    result = run_cli("predict", paths["tflite"].path, wide)
    assert result.code == 3
    assert "has 2 channels; the model takes 1." in result.stderr


def test_other_series_are_measured_and_unknown_classes_are_said(
    classifier, run_cli, tmp_path: Path
) -> None:
    path = tmp_path / "other.ts"
    path.write_text("@classLabel true up level\n@data\n99,100:up\n5,5:level\n", encoding="utf-8")
    result = run_cli("evaluate", classifier[1]["tflite"].path, "--data", path, "--json")
    assert json.loads(result.stdout)["test"]["examples"] == 1
    assert "other.ts series 2: 'class' is 'level', which is none of the" in result.stderr
