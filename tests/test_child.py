"""A process of our own: what it tells, and what becomes of it when it dies."""

from pathlib import Path

import pytest

from dlcli import child
from dlcli.errors import ArtifactError, DlcliError


def run_child(source, tmp_path, monkeypatch):
    (tmp_path / "made_up.py").write_text(f"import os, signal, sys\n{source}")
    monkeypatch.syspath_prepend(tmp_path)
    return list(child.run("made_up", {"number": 3}, "writing it"))


def test_a_process_tells_what_it_is_asked_for(tmp_path, monkeypatch):
    source = "def run(job, tell):\n print('noise')\n tell({'twice': 2 * job['number']})"
    assert run_child(source, tmp_path, monkeypatch) == [{"twice": 6}]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("os.kill(os.getpid(), signal.SIGSEGV)", "running the converter failed: .* SIGSEGV"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "was killed, as the system does when memory"),
        ("os._exit(7)", "ended with code 7"),
        ("raise ValueError('no such thing')", "failed: ValueError: no such thing"),
    ],
)
def test_a_process_that_dies_is_an_error_with_its_last_words(
    line, message, tmp_path, monkeypatch, capfd
):
    source = (
        "def run(job, tell):\n tell({'doing': 'running the converter'})\n"
        f" os.write(2, b'last words\\n')\n {line}"
    )
    with pytest.raises(ArtifactError, match=message) as caught:
        run_child(source, tmp_path, monkeypatch)
    assert "last words" in caught.value.__notes__[0]
    assert capfd.readouterr() == ("", "")


def test_temporary_files_of_a_process_that_is_killed_go(tmp_path, monkeypatch):
    source = (
        "import tempfile\n"
        "def run(job, tell):\n tell({'folder': tempfile.mkdtemp()})\n"
        " os.kill(os.getpid(), signal.SIGKILL)"
    )
    (tmp_path / "made_up.py").write_text(f"import os, signal\n{source}")
    monkeypatch.syspath_prepend(tmp_path)
    told = child.run("made_up", {}, "writing it")
    folder = Path(next(told)["folder"])
    with pytest.raises(ArtifactError, match="was killed"):
        next(told)
    assert not folder.parent.exists()
    assert folder.parent.name.startswith("dlcli-child-")


def test_an_error_of_ours_comes_over_as_it_was(tmp_path, monkeypatch):
    source = (
        "from dlcli.errors import DataError\n"
        "def run(job, tell):\n raise DataError('bad cell', 'mend it')"
    )
    with pytest.raises(DlcliError, match="bad cell") as caught:
        run_child(source, tmp_path, monkeypatch)
    assert (caught.value.kind, caught.value.hint) == ("bad-data", "mend it")
