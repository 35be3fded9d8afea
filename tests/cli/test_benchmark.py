"""dlcli benchmark: the table, the document, and the exit codes of a gate."""

import json
import re
from pathlib import Path

import pytest
from rich.console import Console

from dlcli.benchmark.run import Row
from dlcli.cli.screens import benchmark_table


def test_a_file_has_a_row_and_a_gate_that_it_passes(run_cli, tflite_run):
    path = tflite_run.exports / "model.tflite"
    done = run_cli(
        *("benchmark", path, "--limit", 30, "--batch-size", 4, "--threads", 1),
        *("--min-metric", 0.1, "--max-ms", 60_000, "--json"),
    )
    assert done.code == 0, done.stdout
    document = json.loads(done.stdout)
    assert document["schema"] == "dlcli.benchmark/1"
    assert document["passed"] is True
    assert (document["batch_size"], document["threads"]) == (4, 1)
    [row] = document["rows"]
    assert (row["artifact"], row["status"], row["format"]) == (str(path), "measured", "tflite")
    assert (row["examples"], row["metric"], row["failures"]) == (30, "accuracy", [])
    assert row["load_seconds"] > 0


def test_a_gate_that_is_not_met_ends_with_4_and_names_the_row(run_cli, tflite_run):
    path = tflite_run.exports / "model.tflite"
    done = run_cli("benchmark", path, "--limit", 30, "--max-ms", 0)
    assert done.code == 4
    assert "✗ model.tflite" in done.stdout
    assert "1 of 1 do not meet the gate: exports/model.tflite: " in done.stderr
    assert "ms > 0 ms" in done.stderr


def test_an_artifact_that_fails_is_a_row_and_the_exit_code_says_so(run_cli, tflite_run):
    bad = tflite_run.exports / "model.onnx"
    bad.write_bytes(b"\x08\x0a\x12" + bytes(100))
    done = run_cli("benchmark", bad, tflite_run.exports / "model.tflite", "--limit", 30)
    assert done.code == 4
    assert "✓ model.tflite" in done.stdout
    assert "✗ model.onnx" in done.stdout
    assert "cannot be run by ONNX Runtime" in " ".join(done.stdout.split())
    assert "1 of 2 could not be measured" in done.stderr


def test_nothing_at_a_path_is_a_usage_error_before_anything_is_measured(run_cli, tmp_path):
    done = run_cli("benchmark", tmp_path / "missing.tflite")
    assert (done.code, done.stdout) == (2, "")


def made_up(name, **fields):
    values = {
        "format": "tflite", "size": 145_000, "examples": 10_000, "metric": "accuracy",
        "value": 0.9875, "change": 0.0, "load_seconds": 0.021, "single_ms": 0.0571,
        "single_p95_ms": 0.19, "examples_per_second": 14_734.2, "peak_memory_bytes": 68_400_000,
    }  # fmt: skip
    return Row(Path("/runs/mnist", name), **{**values, **fields})


ROWS = [
    made_up("model.keras", format="keras", single_ms=1.22, single_p95_ms=12.1, load_seconds=3.5),
    made_up("exports/model.tflite"),
    made_up("exports/model.int8.tflite", value=0.98, change=-0.75, failures=("accuracy ...",)),
    Row(Path("/runs/mnist/exports/model.onnx"), size=146_000, error="It is damaged.", hint="Mend."),
]


def shown(width, rows=ROWS):
    console = Console(width=width, highlight=False)
    with console.capture() as capture:
        console.print(benchmark_table.table(rows, 32, 2, width))
    return [line.rstrip() for line in capture.get().splitlines()]


def test_a_wide_terminal_shows_all():
    assert shown(120)[1:9] == [
        "  Artifact                      Size   Accuracy     Change      ms    p95   Faster"
        "    Per s   MB     Load",
        "─" * 105,
        "✓ model.keras                 145 kB    98.75 %               1.22   12.1         "
        "   14,734   68   3.50 s",
        "✓ exports/model.tflite        145 kB    98.75 %       same   0.057   0.19      21x"
        "   14,734   68   0.02 s",
        "✗ exports/model.int8.tflite   145 kB    98.00 %   -0.75 pt   0.057   0.19      21x"
        "   14,734   68   0.02 s",
        "✗ exports/model.onnx          146 kB     failed",
        "",
        "✗ It is damaged. Mend.",
    ]


def test_a_narrow_terminal_shows_what_matters_most_and_cuts_nothing_off():
    lines = shown(80)
    assert lines[1].split() == ["Artifact", "Size", "Accuracy", "Change", "ms", "Per", "s", "MB"]
    assert lines[5] == (
        "✗ exports/model.int8.tflite  145 kB   98.00 %  -0.75 pt  0.057  14,734  68"
    )
    assert max(map(len, lines)) <= 80


def test_an_error_is_better_when_it_is_smaller():
    rows = [
        made_up("model.keras", metric="rmse", value=5.25),
        made_up("exports/model.tflite", metric="rmse", value=5.125, change=-0.125),
    ]
    assert "RMSE" in shown(120, rows)[1]
    assert "-0.125" in shown(120, rows)[4]


@pytest.mark.parametrize(
    ("value", "text"), [(0.0571, "0.057"), (3.714, "3.71"), (12.34, "12.3"), (1234.5, "1,234")]
)
def test_milliseconds_have_the_digits_that_count(value, text):
    assert benchmark_table.milliseconds(value) == text


@pytest.mark.parametrize(
    ("failure", "red", "plain"),
    [("rmse 5.25 > 5", "5.2500", "0.057"), ("0.0571 ms > 0.05 ms", "0.057", "5.2500")],
)
def test_the_figure_that_misses_its_bound_is_red(failure, red, plain):
    console = Console(width=120, force_terminal=True, color_system="standard", highlight=False)
    row = made_up("model.keras", metric="rmse", value=5.25, failures=(failure,))
    with console.capture() as capture:
        console.print(benchmark_table.table([row], 32, 2, 120))
    painted = " ".join(re.findall(r"\x1b\[31m([^\x1b]*)", capture.get())).split()
    assert red in painted
    assert plain not in painted
