"""How every error is shown: one sentence, what to do, and the documented exit code."""

import errno
import json
import signal
from pathlib import Path

import pytest
import typer

from dlcli import errors
from dlcli.cli import app as application
from dlcli.runs import run_dir

LIST_TYPO = "Error: No such command 'lst'. Did you mean 'list'?\nSee: dlcli runs --help\n"


@pytest.fixture
def fail_with(monkeypatch):
    """Let `runs list` end in an exception."""

    def arrange(error: BaseException) -> None:
        def fail(option: object) -> None:
            raise error

        monkeypatch.setattr(run_dir, "runs_folder", fail)

    return arrange


@pytest.mark.parametrize(
    ("arguments", "stderr"),
    [
        (("runs", "lst"), LIST_TYPO),
        (
            ("trian",),
            "Error: No such command 'trian'. Did you mean 'train'?\nSee: dlcli --help\n",
        ),
        (
            ("runs", "list", "--jsn"),
            "Error: No such option: --jsn (Possible options: --json)\n"
            "See: dlcli runs list --help\n",
        ),
        (
            ("runs", "show"),
            "Error: Missing argument 'RUN'.\nSee: dlcli runs show --help\n",
        ),
        (
            ("recipes", "show", "digts-cnn"),
            "Error: unknown recipe 'digts-cnn'. Did you mean 'digits-cnn'?\n"
            "List the shipped recipes: dlcli recipes list\n",
        ),
    ],
)
def test_wrong_usage_ends_with_2_and_says_where_to_look(run_cli, arguments, stderr):
    result = run_cli(*arguments)
    assert (result.code, result.stdout, result.stderr) == (2, "", stderr)


@pytest.mark.parametrize(
    ("arguments", "kind", "message", "hint"),
    [
        (
            ("runs", "lst", "--json"),
            "usage",
            "No such command 'lst'. Did you mean 'list'?",
            "See: dlcli runs --help",
        ),
        (
            ("runs", "show", "nothing", "--json"),
            "usage",
            "there is no run 'nothing' in runs, nor at that path.",
            "List the runs: dlcli runs list",
        ),
        (
            ("recipes", "show", "digits-cnn", "training.epochs=0", "--json"),
            "invalid-recipe",
            "recipe digits-cnn has 1 problem:\n  training.epochs: received 0 (the override "
            "training.epochs=0). Expected a whole number, at least 1.",
            "Every key, what it takes and its default: dlcli recipes show digits-cnn --resolved",
        ),
    ],
)
def test_with_json_an_error_is_one_document_on_stdout(
    run_cli, tmp_path, monkeypatch, arguments, kind, message, hint
):
    monkeypatch.chdir(tmp_path)
    result = run_cli(*arguments)
    assert (result.code, result.stderr) == (2, "")
    assert json.loads(result.stdout) == {"error": {"kind": kind, "message": message, "hint": hint}}


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.DlcliError("it.", "do."), 1),
        (errors.UsageError("it.", "do."), 2),
        (errors.RecipeError("it.", "do."), 2),
        (errors.DataError("it.", "do."), 3),
        (errors.ArtifactError("it.", "do."), 4),
        (errors.DivergedError("it.", "do."), 5),
        (errors.RunBusyError("it.", "do."), 6),
    ],
)
def test_every_kind_of_error_has_its_exit_code(run_cli, fail_with, error, code):
    fail_with(error)
    result = run_cli("runs", "list")
    assert (result.code, result.stdout, result.stderr) == (code, "", "Error: it.\ndo.\n")
    result = run_cli("runs", "list", "--json")
    assert (result.code, result.stderr) == (code, "")
    document = {"kind": error.kind, "message": "it.", "hint": "do."}
    assert json.loads(result.stdout) == {"error": document}


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_what_a_signal_stopped_is_said_and_is_no_error(run_cli, fail_with, number, code):
    fail_with(errors.Interrupted("it was stopped.", "do.", number))
    result = run_cli("runs", "list")
    assert (result.code, result.stdout, result.stderr) == (code, "", "It was stopped.\ndo.\n")
    result = run_cli("runs", "list", "--json")
    assert (result.code, result.stderr) == (code, "")
    document = {"kind": "interrupted", "message": "it was stopped.", "hint": "do."}
    assert json.loads(result.stdout) == {"error": document}


def test_the_help_names_every_exit_code():
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    codes = {kind.exit_code for kind in kinds if issubclass(kind, errors.DlcliError)}
    assert codes == {1, 2, 3, 4, 5, 6, 75}
    for code in (0, *codes, 130, 143):
        assert f" {code} " in application.EXIT_CODES


def test_the_readme_names_the_exit_codes_as_the_help_does():
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    assert application.EXIT_CODES in " ".join(readme.split())


@pytest.mark.parametrize(
    ("error", "code", "stderr"),
    [
        (KeyboardInterrupt(), 130, "Stopped.\n"),
        (typer.Abort(), 130, "Stopped.\n"),
        (
            OSError(errno.ENOSPC, "No space left on device", "runs/x"),
            1,
            "Error: the disk is full while writing runs/x.\n"
            "Free some space and run the command again.\n",
        ),
        (
            PermissionError(errno.EACCES, "Permission denied", "runs/x"),
            1,
            "Error: no permission for runs/x.\nCheck who owns it.\n",
        ),
        (
            ZeroDivisionError("division by zero"),
            1,
            "Error: unexpected ZeroDivisionError: division by zero\n"
            "This is a fault of dlcli. Run the command again with --debug and report what it "
            "prints.\n",
        ),
    ],
)
def test_no_error_shows_a_traceback(run_cli, fail_with, error, code, stderr):
    fail_with(error)
    result = run_cli("runs", "list")
    assert (result.code, result.stdout, result.stderr) == (code, "", stderr)


@pytest.mark.parametrize(
    "arguments",
    [("--debug", "runs", "list"), ("runs", "--debug", "list"), ("runs", "list", "--debug")],
)
@pytest.mark.parametrize(
    "error", [errors.DataError("it.", "do."), ZeroDivisionError("division by zero")]
)
def test_debug_lets_the_exception_through(run_cli, fail_with, arguments, error):
    fail_with(error)
    with pytest.raises(type(error), match=r"it\.|division by zero"):
        run_cli(*arguments)


def test_a_process_shows_a_traceback_with_debug_only(run_process, tmp_path):
    arguments = ("runs", "show", "nothing", "--runs-dir", tmp_path)
    plain, debugged = run_process(*arguments), run_process(*arguments, "--debug")
    assert plain.code == 2
    assert plain.stderr == (
        f"Error: there is no run 'nothing' in {tmp_path}, nor at that path.\n"
        "List the runs: dlcli runs list\n"
    )
    assert debugged.code == 1
    assert debugged.stderr.startswith("Traceback (most recent call last):\n")
    assert debugged.stderr.endswith(
        f"dlcli.errors.UsageError: there is no run 'nothing' in {tmp_path}, nor at that path.\n"
    )


def test_version_and_help_are_no_errors(run_cli):
    from dlcli import __version__

    assert run_cli("--version") == type(run_cli("--version"))(0, f"dlcli {__version__}\n", "")
    for arguments in (("--help",), ("-h",), ("runs", "list", "-h")):
        result = run_cli(*arguments)
        assert (result.code, result.stderr) == (0, "")
        assert " Usage: dlcli" in result.stdout


@pytest.mark.parametrize("arguments", [(), ("runs",), ("recipes",)])
def test_a_command_that_lacks_its_command_shows_the_help_and_ends_with_2(run_cli, arguments):
    result = run_cli(*arguments)
    assert result.code == 2
    assert f" Usage: {' '.join(('dlcli', *arguments))} [OPTIONS] COMMAND" in (
        result.stdout + result.stderr
    )
