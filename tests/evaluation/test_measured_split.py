"""An artifact is measured on its run's test split; away from it, on what is given."""

from pathlib import Path

import pytest

from dlcli.errors import DataError, UsageError
from dlcli.evaluation import measured_split
from dlcli.recipe import schema
from dlcli.runs import run_dir
from dlcli.runs.run_dir import RunDir


@pytest.fixture
def metadata(tmp_path):
    loaded = schema.load("table-mlp", [f"data.source={tmp_path / 'customers.csv'}"])
    return {"recipe": loaded.model_dump(mode="json")}


def test_away_from_its_run_data_of_ones_own_must_be_given(tmp_path, metadata):
    with pytest.raises(UsageError, match=r"model\.tflite is not in its run, .*customers\.csv"):
        measured_split.load(tmp_path / "model.tflite", metadata, None)


def test_in_its_run_data_that_is_gone_is_told(tmp_path, metadata):
    exports = tmp_path / "run" / "exports"
    exports.mkdir(parents=True)
    (tmp_path / "run" / "recipe.yaml").touch()
    with pytest.raises(DataError, match=r"customers\.csv") as caught:
        measured_split.load(exports / "model.tflite", metadata, None)
    assert caught.value.hint


def test_the_run_that_an_artifact_is_in_is_found(tmp_path, monkeypatch):
    run = RunDir(tmp_path / "run")
    (run.exports / "saved_model" / "variables").mkdir(parents=True)
    run.recipe.touch()
    for path in (run.path, run.model, run.exports / "model.tflite", run.exports / "saved_model"):
        assert run_dir.containing(path) == run
    assert run_dir.containing(run.exports / "saved_model" / "variables") is None
    assert run_dir.containing(run.path / "copies" / "model.tflite") is None
    assert run_dir.containing(tmp_path / "model.tflite") is None
    monkeypatch.chdir(run.exports)
    assert run_dir.containing(Path("model.tflite")) == run
