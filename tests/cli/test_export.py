"""dlcli export: what it refuses before anything is loaded, and what it says of an artifact."""

import importlib
import json
import shutil

import pytest

from dlcli.cli import export as command
from dlcli.export import target
from dlcli.runs.run_dir import RunDir


def test_the_formats_of_the_command_line_are_those_of_the_library():
    assert command.FORMATS == target.FORMATS
    assert command.QUANTIZATIONS == target.QUANTIZATIONS
    assert set(command.DEFAULT_FORMATS.split(",")) <= set(target.FORMATS)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--format", "tflit"], "unknown format 'tflit'. Expected some of: keras, saved-model"),
        (["--format", ","], "unknown format ''"),
        (["--quantize", "int4"], "unknown quantization 'int4'. Expected some of: none, float16"),
        (
            ["--format", "onnx", "--quantize", "int8"],
            "--quantize is for TFLite files; --format asks for onnx.",
        ),
        (
            ["--format", "keras,saved-model", "--batch", "1"],
            "--batch is for TFLite and ONNX files; --format asks for keras, saved-model.",
        ),
        (["--batch", "0"], "0 is not in the range x>=1"),
    ],
)
def test_what_does_not_fit_is_refused_at_once(run_cli, make_run, arguments, message):
    make_run("digits")
    done = run_cli("export", "digits", *arguments)
    assert done.code == 2
    assert message in done.stderr
    assert done.stdout == ""


def test_a_tolerance_is_for_quantized_files_where_there_are_some(run_cli, make_run, monkeypatch):
    """A loss of points that is allowed to int8 must not let a float32 file differ by as much."""
    make_run("digits")
    given = []

    def note(run, targets, events, *, own_data, rejected, **limits):
        given.append(limits)
        return iter(())

    monkeypatch.setattr(importlib.import_module("dlcli.export.export"), "export", note)
    run_cli("export", "digits", "--tolerance", "1", "--json")
    run_cli("export", "digits", "--tolerance", "1", "--quantize", "none,int8", "--json")
    run_cli("export", "digits", "--quantize", "int8", "--json")
    assert given == [{"tolerance": 1.0}, {"largest_drop": 1.0}, {}]


@pytest.mark.slow
def test_an_export_says_size_change_and_speed(run_cli, trained_run, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(trained_run.path, folder)
    arguments = ["--format", "tflite", "--quantize", "dynamic", "--tolerance", "2"]
    done = run_cli("export", folder, *arguments)
    assert done.code == 0, done.stderr
    path = RunDir(folder).exports / "model.dynamic.tflite"
    assert done.stdout == f"{path}\n"
    assert f"✓ tflite dynamic 0.24 MB  {path}" in done.stderr
    assert "points; at most 2 worse), " in done.stderr
    assert "% of the predictions changed, max difference" in done.stderr
    assert "ms for one" in done.stderr

    done = run_cli("export", folder, *arguments, "--json")
    [artifact] = json.loads(done.stdout)["artifacts"]
    assert artifact["format"] == "tflite"
    assert artifact["quantize"] == "dynamic"
    assert artifact["path"] == str(path)
    assert artifact["latency"]["single_ms"] > 0
    assert artifact["operators"]["CONV_2D"] == 2
    assert artifact["parity"]["largest_drop"] == 2


def test_a_run_is_exported_without_tensorflow_in_the_command_itself(run_process, trained_run):
    """The processes that write have it; the one that a user waits for stays quick to end."""
    code = (
        "import sys; from dlcli.export import export, parity, target;"
        "print('tensorflow' in sys.modules, 'keras' in sys.modules)"
    )
    assert run_process(python=("-c", code)).stdout == "False False\n"
