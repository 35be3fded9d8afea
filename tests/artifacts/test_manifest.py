"""What an export wrote is known by its sums and by the user's signature on them."""

import json
import shutil
import subprocess

import pytest

from dlcli import artifacts
from dlcli.artifacts import manifest
from dlcli.errors import ArtifactError


@pytest.fixture
def exports(tmp_path):
    """A folder with a SavedModel's files, of a kind, and one file beside it."""
    folder = tmp_path / "exports"
    (folder / "saved_model" / "variables").mkdir(parents=True)
    (folder / "saved_model" / "saved_model.pb").write_bytes(b"graph")
    (folder / "saved_model" / "variables" / "variables.index").write_bytes(b"index")
    (folder / "model.tflite").write_bytes(b"model")
    for name in ("saved_model", "model.tflite"):
        manifest.add(folder / name)
    return folder


def test_what_was_exported_is_known(exports):
    manifest.check(exports / "saved_model")
    manifest.check(exports / "model.tflite")


def test_other_programs_read_the_manifest(exports):
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", manifest.FILE],
        cwd=exports, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0
    assert "saved_model/variables/variables.index: OK" in done.stdout


def test_an_export_that_is_gone_or_was_made_again_leaves_no_old_sums(exports):
    shutil.rmtree(exports / "saved_model")
    (exports / "model.tflite").write_bytes(b"another")
    manifest.add(exports / "model.tflite")
    manifest.check(exports / "model.tflite")
    assert "saved_model" not in (exports / manifest.FILE).read_text()


def test_a_changed_file_is_refused_with_its_name(exports):
    (exports / "saved_model" / "variables" / "variables.index").write_bytes(b"other")
    with pytest.raises(ArtifactError, match=r"saved_model/variables/variables.index has changed"):
        manifest.check(exports / "saved_model")


def test_a_file_that_was_added_or_taken_away_is_refused_with_its_name(exports):
    added = exports / "saved_model" / "assets"
    added.write_bytes(b"more")
    with pytest.raises(ArtifactError, match="saved_model/assets was added to it"):
        manifest.check(exports / "saved_model")
    added.unlink()
    (exports / "saved_model" / "saved_model.pb").unlink()
    with pytest.raises(ArtifactError, match=r"saved_model/saved_model\.pb is missing"):
        manifest.check(exports / "saved_model")


def test_a_copy_elsewhere_is_not_known(exports, tmp_path):
    shutil.copytree(exports / "saved_model", tmp_path / "saved_model")
    with pytest.raises(ArtifactError, match=r"there is no manifest .*SHA256SUMS") as caught:
        manifest.check(tmp_path / "saved_model")
    assert "--trust" in caught.value.hint


def test_a_manifest_of_somebody_else_is_not_known_however_well_it_fits(
    exports, tmp_path, monkeypatch
):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "another"))
    with pytest.raises(ArtifactError, match="is not signed by you on this machine"):
        manifest.check(exports / "saved_model")


def test_an_export_into_the_run_of_somebody_else_signs_nothing_of_theirs(
    exports, tmp_path, monkeypatch
):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "another"))
    manifest.add(exports / "model.tflite")
    manifest.check(exports / "model.tflite")
    with pytest.raises(ArtifactError, match="does not list it"):
        manifest.check(exports / "saved_model")


def test_without_a_place_for_a_key_exports_are_written_and_not_known(
    exports, tmp_path, monkeypatch
):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "file"))
    manifest.add(exports / "saved_model")
    assert "saved_model.pb" in (exports / manifest.FILE).read_text()
    with pytest.raises(ArtifactError, match="is not known as an export of yours"):
        manifest.check(exports / "saved_model")


def test_the_key_is_the_users_alone(exports, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "mine"))
    manifest.add(exports / "saved_model")
    key = tmp_path / "mine" / "dlcli" / "export.key"
    assert key.stat().st_mode & 0o777 == 0o600
    first = key.read_bytes()
    manifest.add(exports / "model.tflite")
    assert (len(first), key.read_bytes()) == (32, first)
    assert [path.name for path in key.parent.iterdir()] == ["export.key"]


def test_a_saved_model_is_refused_before_tensorflow_is_asked(exports, tmp_path):
    folder = tmp_path / "saved_model"
    shutil.copytree(exports / "saved_model", folder)
    (folder / "assets.extra").mkdir()
    document = {"format": "dlcli/1", "task": "image-classification", "input": {"kind": "image"}}
    document |= {"class_names": ["a", "b"], "target": ""}
    (folder / "assets.extra" / "dlcli.json").write_text(json.dumps(document))
    with pytest.raises(ArtifactError, match="Loading it could run anything"):
        artifacts.load(folder)
