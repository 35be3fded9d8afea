"""Files are replaced whole or not at all, hashed alike, locked, and kept where XDG says."""

import errno
import hashlib
import os
from pathlib import Path

import pytest

from dlcli import files
from dlcli.errors import DlcliError
from dlcli.runs import documents

FOLDERS = (
    (files.cache_folder, "XDG_CACHE_HOME", ".cache"),
    (files.config_folder, "XDG_CONFIG_HOME", ".config"),
)


def full(descriptor: int) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "metrics.json"
    files.write_json(path, {"名": ["a\nb", 0.1, None]})
    assert path.read_text(encoding="utf-8").startswith('{\n  "名": [\n    "a\\nb",')
    assert documents.read_json(path) == {"名": ["a\nb", 0.1, None]}
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left") as caught:
        files.write_json(path, {})
    assert caught.value.filename == str(path)
    assert documents.read_json(path) == {"名": ["a\nb", 0.1, None]}
    assert names(tmp_path) == ["metrics.json"]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ValueError("x"), OSError("damaged")])
@pytest.mark.parametrize("shared", [False, True])
def test_what_fails_while_it_is_written_leaves_the_file_as_it_was(tmp_path, error, shared):
    path = tmp_path / "a.txt"
    path.write_text("before")

    def write():
        with files.replacing(path, shared=shared) as aside:
            aside.write_text("half")
            assert path.read_text() == "before"
            raise error

    with pytest.raises(type(error)) as caught:
        write()
    assert caught.value is error
    assert str(error) in {"", "x", "damaged"}
    assert (names(tmp_path), path.read_text()) == (["a.txt"], "before")


def test_an_error_of_another_file_keeps_its_name(tmp_path):
    with pytest.raises(FileNotFoundError) as caught, files.replacing(tmp_path / "a"):
        (tmp_path / "missing").read_bytes()
    assert caught.value.filename == str(tmp_path / "missing")


def test_an_error_of_the_renaming_names_the_file(tmp_path):
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="Is a directory") as caught:
        files.write_text(tmp_path / "folder", "x")
    assert caught.value.filename == str(tmp_path / "folder")
    with pytest.raises(NotADirectoryError) as caught:
        files.write_text(Path(__file__) / "x", "x")
    assert caught.value.filename == str(Path(__file__) / "x")
    assert names(tmp_path) == ["folder"]


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("name", ["model.keras", "n" * 251 + ".svg", "é" * 125 + ".npz"])
def test_it_is_written_beside_its_place_with_its_suffix(tmp_path, name, shared):
    with files.replacing(tmp_path / name, shared=shared) as aside:
        assert (aside.parent, aside.suffix) == (tmp_path, Path(name).suffix)
        assert aside.name.startswith(".partial-")
        aside.write_bytes(b"1")
    assert names(tmp_path) == [name]


def test_two_writers_of_a_shared_file_do_not_meet(tmp_path):
    with files.replacing(tmp_path / "a", shared=True) as aside:
        assert str(os.getpid()) in aside.name
        aside.touch()


def test_the_permissions_are_those_of_a_new_file(tmp_path):
    files.write_text(tmp_path / "a", "x")
    (tmp_path / "b").touch()
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "b").stat().st_mode


def test_pipes_and_devices_are_written_in_place_and_not_read(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    # An end for reading keeps the writer from waiting.
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    files.write_text(tmp_path / "pipe", "x")
    assert os.read(reader, 9) == b"x"
    os.close(reader)
    files.write_text(Path("/dev/null"), "x")
    assert names(tmp_path) == ["pipe"]
    with pytest.raises(OSError, match="it is no file"):
        files.plain(tmp_path / "pipe")
    assert files.plain(tmp_path / "missing") == tmp_path / "missing"


def test_an_argument_that_is_not_utf_8_is_written_and_read_back(tmp_path):
    files.write_json(tmp_path / "x.json", {"argv": ["caf\udce9"]})
    assert documents.read_json(tmp_path / "x.json") == {"argv": ["caf\udce9"]}


def test_whether_a_folder_is_writable_is_tried(tmp_path):
    files.check_writable(tmp_path)
    assert names(tmp_path) == []
    with pytest.raises(FileNotFoundError):
        files.check_writable(tmp_path / "missing")


def test_checksums_are_those_that_are_stored_in_journals(tmp_path):
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "c.txt").write_bytes(b"abc")
    (tmp_path / "a").touch()
    of_abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    of_nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert files.sha256(tmp_path / "b" / "c.txt") == of_abc
    assert files.sha256(tmp_path / "a") == of_nothing
    listed = f"a\0{of_nothing}\0b/c.txt\0{of_abc}\0"
    assert files.sha256(tmp_path) == hashlib.sha256(listed.encode()).hexdigest()
    with pytest.raises(FileNotFoundError):
        files.sha256(tmp_path / "missing")


def test_a_lock_is_refused_until_the_file_is_closed(tmp_path):
    with (tmp_path / "a").open("w") as first, (tmp_path / "a").open("w") as second:
        assert files.lock(first)
        assert not files.lock(second)
        assert not files.lock(second, shared=True)
        assert files.lock(first, shared=True)
        assert files.lock(second, shared=True)
        assert not files.lock(first)
        second.close()
        assert files.lock(first, wait=True)


@pytest.mark.parametrize(("folder", "variable", "default"), FOLDERS)
@pytest.mark.parametrize("configured", [None, "", "relative/path"])
def test_an_xdg_folder_that_is_no_absolute_path_does_not_count(
    tmp_path, monkeypatch, folder, variable, default, configured
):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv(variable)
    if configured is not None:
        monkeypatch.setenv(variable, configured)
    assert folder() == tmp_path / default / "dlcli"
    monkeypatch.setenv(variable, str(tmp_path / "mine"))
    assert folder() == tmp_path / "mine" / "dlcli"


@pytest.fixture
def _homeless(monkeypatch):
    """A user without HOME and without an entry in passwd, as in many a container."""

    def unknown():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.setattr(Path, "home", unknown)


@pytest.mark.usefixtures("_homeless")
@pytest.mark.parametrize(("folder", "variable", "default"), FOLDERS)
def test_without_a_home_the_variable_is_named(folder, variable, default):
    with pytest.raises(DlcliError, match="there is no home folder for the c") as caught:
        folder()
    assert caught.value.hint == f"Set {variable} to a folder that can be written."


@pytest.mark.usefixtures("_homeless")
def test_without_a_home_whatever_is_optional_is_left_out(tmp_path):
    from dlcli.artifacts import manifest
    from dlcli.cli import known_keys
    from dlcli.training import tuned

    assert known_keys.known_keys()
    assert tuned.read({"task": "x"}) == {}
    with pytest.raises(DlcliError, match="there is no home folder for the cache"):
        tuned.write({"task": "x"}, {})
    (tmp_path / "model.tflite").touch()
    manifest.add(tmp_path / "model.tflite")
    assert (tmp_path / manifest.FILE).read_text().startswith("# signed by dlcli: \n")
