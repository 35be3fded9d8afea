"""What is at a path is told by its content, and what cannot be used by a clear sentence."""

import shutil
import zipfile

import pytest

from dlcli import artifacts
from dlcli.errors import ArtifactError, DlcliError, RunBusyError, UsageError
from dlcli.runs.run_dir import RunDir


def test_a_run_is_its_model(trained_run):
    assert artifacts.identify(trained_run.path) == ("keras", trained_run.model)


def test_the_name_does_not_matter(trained_run, tmp_path):
    renamed = tmp_path / "model.tflite"
    shutil.copy(trained_run.model, renamed)
    assert artifacts.identify(renamed)[0] == "keras"


def test_nothing_at_the_path(tmp_path):
    with pytest.raises(UsageError, match="there is no run and no file"):
        artifacts.load(tmp_path / "missing.tflite")


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x05\x06" + bytes(18)])
def test_a_file_that_is_no_model(tmp_path, content):
    path = tmp_path / "model.keras"
    path.write_bytes(content)
    with pytest.raises(UsageError, match="is none of the things that predict: a run directory"):
        artifacts.load(path)


def test_a_run_without_a_model_says_how_to_go_on(tmp_path):
    (tmp_path / "recipe.yaml").touch()
    with pytest.raises(DlcliError, match="has no model yet") as caught:
        artifacts.load(tmp_path)
    assert caught.value.hint == f"Go on with it: dlcli train --resume {tmp_path}"


def test_a_run_that_is_being_trained_is_busy(tmp_path):
    (tmp_path / "recipe.yaml").touch()
    with (
        RunDir(tmp_path).locked(),
        pytest.raises(RunBusyError, match="is being trained by process"),
    ):
        artifacts.load(tmp_path)


def test_a_damaged_keras_file(trained_run, tmp_path):
    damaged = tmp_path / "model.keras"
    with zipfile.ZipFile(trained_run.model) as good, zipfile.ZipFile(damaged, "w") as bad:
        for name in ("config.json", "metadata.json", "dlcli.json"):
            bad.writestr(name, good.read(name))
    with pytest.raises(ArtifactError, match="is damaged or not a model that Keras loads"):
        artifacts.load(damaged)


def test_a_cut_keras_file(trained_run, tmp_path):
    run = RunDir(tmp_path / "run")
    run.path.mkdir()
    run.recipe.touch()
    content = trained_run.model.read_bytes()
    for size in (0, 2000):
        run.model.write_bytes(content[:size])
        with pytest.raises(ArtifactError, match=r"model\.keras is damaged: it is no whole zip"):
            artifacts.load(run.path)
    with pytest.raises(ArtifactError, match=r"model\.keras is damaged: it is no whole zip"):
        artifacts.load(run.model)


def test_a_model_that_dlcli_did_not_write(trained_run, tmp_path):
    foreign = tmp_path / "model.keras"
    with zipfile.ZipFile(trained_run.model) as good, zipfile.ZipFile(foreign, "w") as copy:
        for name in good.namelist():
            if name != "dlcli.json":
                copy.writestr(name, good.read(name))
    with pytest.raises(ArtifactError, match=r"holds no dlcli.json"):
        artifacts.load(foreign)


def test_a_cut_tflite_file(tmp_path):
    path = tmp_path / "model.tflite"
    path.write_bytes(b"\x1c\x00\x00\x00TFL3" + bytes(100))
    with pytest.raises(ArtifactError, match=r"holds no dlcli.json"):
        artifacts.load(path)
