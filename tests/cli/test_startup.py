"""What starts fast imports nothing heavy: fresh processes say what they imported."""

import json

import pytest

HEAVY = {"tensorflow", "keras", "numpy", "sklearn", "matplotlib", "PIL", "h5py", "tensorboard"}
# Runs the command line in this process and prints the top-level packages that it has imported.
REPORT = """
import contextlib, io, json, sys
from dlcli.cli.app import main
with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
    if main(sys.argv[1:]):
        raise RuntimeError("the command failed")
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""
TYPED = {
    "_DLCLI_COMPLETE": "complete_bash",
    "COMP_WORDS": "dlcli\ntrain\ndigits-cnn\ntraining.ep",
    "COMP_CWORD": "3",
}


@pytest.fixture
def imported(run_process):
    def names(*arguments: str, **environment: str) -> set[str]:
        result = run_process(*arguments, python=("-c", REPORT), **environment)
        assert result.code == 0, result.stderr
        return set(json.loads(result.stdout.splitlines()[-1]))

    return names


def test_the_report_sees_what_is_imported(imported):
    assert {"dlcli", "typer", "pydantic", "yaml"} <= imported("recipes", "validate", "digits-cnn")


@pytest.mark.parametrize(
    "arguments",
    [("--help",), ("--version",), ("train", "--help"), ("recipes", "list"), ("runs", "list")],
)
def test_a_light_command_imports_nothing_heavy(imported, make_run, arguments):
    make_run("mine")
    assert not imported(*arguments) & (HEAVY | {"pydantic", "yaml"})


def test_completing_a_key_imports_nothing_heavy_and_reads_the_schema_once(imported):
    assert not imported(**TYPED) & HEAVY  # builds the schema, and keeps its keys
    assert not imported(**TYPED) & (HEAVY | {"pydantic", "yaml", "rich"})


@pytest.mark.parametrize(
    "arguments",
    [("recipes", "validate", "digits-cnn"), ("recipes", "schema"), ("runs", "show", "mine")],
)
def test_no_command_about_recipes_or_runs_imports_tensorflow(imported, make_run, arguments):
    make_run("mine")
    assert not imported(*arguments) & HEAVY


def test_the_short_way_to_the_help_shows_the_same(run_cli, capsys):
    from dlcli.cli.app import app

    short = run_cli("--help").stdout  # which sets the width as well
    app(["--help"], prog_name="dlcli", standalone_mode=False)
    assert capsys.readouterr().out == short
