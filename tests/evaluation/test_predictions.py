"""What a run keeps of its answers gives its metrics again."""

import json

import numpy as np
import pytest

from dlcli import evaluation, outputs
from dlcli.errors import DlcliError
from dlcli.evaluation import classification, forecasting, next_token, predictions, regression
from dlcli.evaluation.predictions import Predictions
from dlcli.inputs.forecasts import Forecast, SeriesColumn
from dlcli.inputs.frequencies import Frequency
from dlcli.runs.run_dir import RunDir

RANDOM = np.random.default_rng(0)


def forecast_of(*names):
    columns = tuple(SeriesColumn(name, 10.0, 2.0 + place) for place, name in enumerate(names))
    forecast = Forecast(columns, columns, 3, (), ("number",), Frequency("number", 1))
    return {"forecast": json.loads(json.dumps(forecast.document()))}


def with_gaps(shape):
    values = RANDOM.normal(size=shape)
    values[RANDOM.random(shape) < 0.2] = np.nan
    return values


CASES = [
    (classification, RANDOM.dirichlet(np.ones(3), 50), RANDOM.integers(0, 3, 50),
     {"class_names": ["a", "b", "c"]}),
    (regression, RANDOM.normal(1e6, 3, (50, 1)), RANDOM.normal(1e6, 3, 50), {}),
    (forecasting, RANDOM.normal(size=(50, 3, 1)), with_gaps((50, 3, 1)), forecast_of("a")),
    (forecasting, RANDOM.normal(size=(50, 3, 2)), with_gaps((50, 3, 2)), forecast_of("a", "b")),
    (next_token, RANDOM.random((50, 4, 2)), RANDOM.integers(0, 9, (50, 4)), {}),
    (next_token, RANDOM.random((50, 2)), RANDOM.integers(0, 9, 50), {}),
]  # fmt: skip


@pytest.mark.parametrize(("module", "answers", "targets", "metadata"), CASES)
def test_the_means_of_the_terms_give_the_metrics(module, answers, targets, metadata):
    measured = module.measure(answers, targets, metadata)
    terms = module.terms(answers, targets, metadata)
    assert {values.shape for values in terms.values()} == {(50,)}
    metrics = module.from_means({name: values.mean() for name, values in terms.items()})
    assert metrics == pytest.approx({name: measured[name] for name in metrics})
    assert outputs.all_outputs()[module.__name__.rpartition(".")[2]].monitor.name in metrics


@pytest.mark.parametrize(("module", "answers", "targets", "metadata"), CASES)
def test_what_is_kept_of_many_answers_is_bounded(monkeypatch, module, answers, targets, metadata):
    for each in (evaluation, module):
        monkeypatch.setattr(each, "MAX_STORED", 30, raising=False)
    for name, values in module.stored(answers, targets).items():
        assert values.size <= 50, name


def test_forecasts_that_are_kept_of_many_join_up(monkeypatch):
    monkeypatch.setattr(forecasting, "MAX_STORED", 30)
    series = np.arange(52.0)
    targets = series[np.arange(50)[:, None] + np.arange(3)][..., None]
    kept = forecasting.stored(targets, targets)
    assert kept["truth"].ravel().tolist() == list(range(30))
    assert kept["rows"].tolist() == list(range(0, 30, 3))


def test_what_was_written_is_read_again_and_the_same_bytes_each_time(tmp_path):
    names = ["a\0", "猫.png", "not\udcffutf-8"]
    written = Predictions(
        "image-classification", names, {"truth": np.arange(3)}, {"loss": np.ones(3)},
        {"majority class": {"loss": np.zeros(3)}}, {"folder": np.array([0, 1, 1])},
        {"folder": ["x", "y"]},
    )  # fmt: skip
    run = RunDir(tmp_path)
    predictions.write(run, written)
    content = predictions.file_of(run).read_bytes()
    predictions.write(run, written)
    assert predictions.file_of(run).read_bytes() == content
    assert [path.name for path in run.predictions.iterdir()] == ["test.npz"]
    found = predictions.read(run)
    assert (found.task, found.names, len(found)) == (written.task, names, 3)
    assert found.groups == written.groups
    assert found.baselines["majority class"]["loss"].tolist() == [0, 0, 0]
    assert found.attributes["folder"].tolist() == [0, 1, 1]


def test_a_run_without_is_none_and_a_damaged_file_is_named(tmp_path):
    run = RunDir(tmp_path)
    assert predictions.read(run) is None
    run.predictions.mkdir()
    for content in (b"", b"PK\x03\x04 no zip"):
        predictions.file_of(run).write_bytes(content)
        with pytest.raises(DlcliError, match=r"test\.npz"):
            predictions.read(run)
    np.savez(predictions.file_of(run), other=np.ones(2))
    with pytest.raises(DlcliError, match=r"test\.npz is damaged"):
        predictions.read(run)


def test_a_training_keeps_its_answers_and_those_of_the_baselines(trained_run):
    found = predictions.read(trained_run)
    metrics = json.loads(trained_run.metrics.read_text())
    assert len(found) == metrics["test"]["examples"]
    assert found.terms["accuracy"].mean() == pytest.approx(metrics["test"]["accuracy"])
    assert found.terms["loss"].mean() == pytest.approx(metrics["test"]["loss"])
    [(name, terms)] = found.baselines.items()
    assert name == metrics["baselines"][0]["name"]
    assert terms["accuracy"].mean() == pytest.approx(metrics["baselines"][0]["accuracy"])
    answers = found.answers
    assert np.array_equal(answers["probabilities"].argmax(axis=1), answers["predicted"])
    assert np.array_equal(answers["truth"] == answers["predicted"], found.terms["accuracy"] == 1)
