"""Shell completion, through the variables that typer's scripts set and in real shells."""

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from dlcli import catalog
from dlcli.cli import known_keys
from dlcli.cli.app import main
from dlcli.recipe import schema

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def complete(capsys, tmp_path, monkeypatch):
    """What bash and zsh are offered for a line whose last word is being typed."""
    monkeypatch.chdir(tmp_path)

    def offer(line: str, shell: str = "bash") -> str:
        words = re.findall(r"=|[^\s=]+", f"dlcli {line}")
        if line.endswith(" "):
            words.append("")
        variables = {
            "bash": {"COMP_WORDS": "\n".join(words), "COMP_CWORD": str(len(words) - 1)},
            "zsh": {"_TYPER_COMPLETE_ARGS": f"dlcli {line}"},
        }
        with monkeypatch.context() as patch:
            for name, value in variables[shell].items():
                patch.setenv(name, value)
            patch.setenv("_DLCLI_COMPLETE", f"complete_{shell}")
            with pytest.raises(SystemExit, match=r"^0$"):
                main([])
        return capsys.readouterr().out

    return offer


def test_commands_and_options_are_completed(complete):
    assert complete("tr") == "train\n"
    assert complete("recipes va") == "validate\n"
    assert complete("train --res") == "--resume\n"


def test_a_recipe_comes_first_shipped_or_of_the_folder(complete, tmp_path):
    (tmp_path / "mine.yaml").touch()
    assert complete("train ").split() == [*catalog.recipe_names(), "mine.yaml"]
    assert complete("train min") == "mine.yaml\n"
    assert complete("recipes copy digits-cn") == "digits-cnn\n"
    assert complete("recipes validate mine.yaml digits-cn") == "digits-cnn\n"


def test_then_the_keys_of_its_family_and_for_one_key_its_values(complete, tmp_path):
    names = [f"{key.name}=" for key in schema.described_keys("image-classification", "cnn")]
    assert complete("train digits-cnn ").split() == names
    assert complete("train digits-cnn training.ep") == "training.epochs=\ntraining.epochs=10\n"
    assert complete("recipes show digits-cnn model.filt").split() == [
        "model.filters=",
        "model.filters=[32,64]",
    ]
    assert complete("train digits-cnn model.family=linear model.").split() == [
        "model.family=",
        "model.l1=",
        "model.l2=",
    ]
    families = schema.families_for("image-classification")
    assert complete("train digits-cnn model.fam").split() == [
        "model.family=",
        *(f"model.family={name}" for name in families),
    ]
    (tmp_path / "mine.yaml").write_text("model: {family: 'linear'}", encoding="utf-8")
    assert "model.filters" not in complete("train mine.yaml model.")


@pytest.mark.parametrize(
    ("line", "bash", "zsh"),
    [
        ("training.optimizer=ad", ["adam", "adamw"], ["training.optimizer=adam"]),
        ("data.source=", catalog.built_in_sources(), ["data.source=digits"]),
        ("augmentation.horizontal_flip=", ["true", "false"], ["augmentation.horizontal_flip=true"]),
        ("training.epochs=", ["10"], ["training.epochs=10"]),
        ("training.epochs=1", ["10"], ["training.epochs=10"]),
        ("no.key=", [], []),
    ],
)
def test_values_are_completed_as_each_shell_splits_words(complete, line, bash, zsh):
    offered = complete(f"train digits-cnn model.dropout=0 {line}").split()
    assert set(bash) <= set(offered)
    assert bool(bash) == bool(offered)
    offered = complete(f"train digits-cnn model.dropout=0 {line}", "zsh")
    assert all(f'"{value}"' in offered for value in zsh)
    assert offered.startswith("_arguments" if zsh else "_files")


def test_zsh_shows_what_a_key_is_for_on_one_line(complete):
    assert complete("train digits-cnn training.", "zsh").splitlines()[:2] == [
        '_arguments \'*: :(("training.epochs=":"Passes over the train split"',
        '"training.batch_size=":"Examples a step, of all devices together"',
    ]


def test_runs_are_completed_without_those_given(complete, make_run):
    make_run("first", hours_old=2)
    make_run("second", hours_old=1)
    assert complete("evaluate ").split() == ["latest", "second", "first"]
    assert complete("train --resume f") == "first\n"
    assert complete("runs remove first ").split() == ["latest", "second"]
    Path("runs").rename("elsewhere")
    assert complete("evaluate ") == "\n"
    assert complete("evaluate --runs-dir elsewhere s") == "second\n"


def test_a_run_that_goes_on_is_offered_the_keys_of_its_recipe(complete, make_run):
    run = make_run("mine")
    run.recipe.write_text("model:\n  family: linear\n", encoding="utf-8")
    offered = complete("train --resume mine m").split()
    assert offered[0] == "model.family="
    assert "model.filters=" not in offered


def test_the_keys_are_kept_until_what_they_are_made_from_changes(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    built = []
    build = known_keys._build
    monkeypatch.setattr(known_keys, "_build", lambda: built.append(1) or build())
    first = known_keys.known_keys()
    assert known_keys.known_keys() == first
    assert len(built) == 1
    monkeypatch.setattr(known_keys, "__version__", "another")
    assert known_keys.known_keys() == first
    assert len(built) == 2
    kept = tmp_path / "dlcli" / "completion.tsv"
    kept.write_text(kept.read_text(encoding="utf-8") + "\ndamaged", encoding="utf-8")
    assert known_keys.known_keys() == first
    assert len(built) == 3


def test_the_keys_are_made_anew_after_a_change_of_what_declares_them():
    from dlcli.models import cnn
    from dlcli.recipe import keys, schema
    from dlcli.recipe.sections import training

    sources = list(known_keys._sources())
    assert {Path(module.__file__) for module in (cnn, keys, schema, training)} <= set(sources)


def test_a_cache_folder_that_cannot_be_written_is_no_error(monkeypatch, tmp_path):
    (tmp_path / "dlcli").write_text("a file", encoding="utf-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert known_keys.known_keys() == known_keys.known_keys()


@pytest.fixture
def type_into(tmp_path, run_process):
    """Type keys into a shell with completion installed; gives the arguments that dlcli is given."""
    home = tmp_path / "home"
    (home / "bin").mkdir(parents=True)
    program = home / "bin" / "dlcli"
    program.write_text(
        f"""#!{sys.executable}
import os, sys
sys.path.insert(0, {str(REPOSITORY)!r})
if "_DLCLI_COMPLETE" not in os.environ:
    sys.exit(print("received", sys.argv[1:]))
from dlcli.__main__ import run
run()
""",
        encoding="utf-8",
    )
    program.chmod(0o755)

    def type_keys(shell: str, keys: str, *completed: str) -> str:
        path = shutil.which(shell)
        if path is None:
            pytest.skip(f"there is no {shell} here")
        environment = {
            "HOME": str(home),
            "PATH": f"{program.parent}:{os.environ['PATH']}",
            "XDG_CACHE_HOME": str(home / "cache"),
            "TERM": "vt100",
        }
        no_detection = {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
        installed = run_process("--install-completion", shell, **environment, **no_detection)
        assert f"{shell} completion installed in {home}" in installed.stdout
        here, terminal = pty.openpty()
        termios.tcsetwinsize(terminal, (24, 200))  # no line breaks
        process = subprocess.Popen(
            [path, "-i"], stdin=terminal, stdout=terminal, stderr=terminal, cwd=home,
            env=environment, start_new_session=True,
        )  # fmt: skip
        os.close(terminal)
        os.write(here, b"PS1='rea''dy>'\n")
        _read(here, "ready>", 30)
        shows = iter(completed)
        for part in re.split(r"(\t)", keys):
            os.write(here, part.encode())
            if part == "\t":  # the shell reads on while it completes, but in the wrong order
                _read(here, next(shows), 10)
        os.write(here, b"\n")
        shown = _read(here, "]\r\n", 30)
        process.kill()
        process.wait()
        os.close(here)
        # The next prompt may have come in the same read.
        return shown[shown.index("received") :].partition("\r\n")[0]

    return type_keys


def _read(descriptor: int, until: str, seconds: float) -> str:
    """What a terminal shows until it ends with a text, or in so many seconds."""
    shown, end = "", time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0 and not (until and until in shown):
        if select.select([descriptor], [], [], left)[0]:
            shown += os.read(descriptor, 4096).decode(errors="replace").replace("\a", "")  # bell
    return shown


@pytest.mark.slow
@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_the_tab_key_completes_in_a_real_shell(type_into, shell):
    keys = "dlcli train digits-cn\t training.ep\t7 training.optimizer=rms\t\n"
    completed = ("digits-cnn", "training.epochs=", "training.optimizer=rmsprop")
    if shell == "zsh":  # Typer's script only loads itself at the first press, and shows nothing
        keys, completed = "dlcli \t\x15" + keys, ("", *completed)
    assert type_into(shell, keys, *completed) == (
        "received ['train', 'digits-cnn', 'training.epochs=7', 'training.optimizer=rmsprop']"
    )
