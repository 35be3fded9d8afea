"""Commands that are printed, pasted into a real shell: what arrives is what was meant."""

from __future__ import annotations

import csv
import json
import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from dlcli import catalog, data
from dlcli.cli import known_keys
from dlcli.cli.screens import next_commands
from dlcli.errors import DataError
from dlcli.inputs import times
from dlcli.recipe import schema
from dlcli.reporting import usage
from dlcli.runs import run_dir
from dlcli.runs.run_dir import RunDir

RESULTS = str(Path(__file__).parents[1] / "docs" / "results.py")

NAMES = [
    "Temp, innen", "a: b", "#id", "x]y", "it's", "* star", "- dash", "yes", "2020 total", "a b",
    "{x}", "Größe", "50 %", "%d/%m", "wow!", 'say "x"', "$HOME", "`ls`", "a\\b", "~", "&a", "?",
]  # fmt: skip


@pytest.fixture
def pasted(tmp_path):
    """Run a line in bash; the arguments that `dlcli` is given."""
    folder = tmp_path / "bin"
    folder.mkdir()
    stub = folder / "dlcli"
    stub.write_text(
        f"#!/bin/sh\nexec '{sys.executable}' -IS -c "
        "'import json, sys; print(json.dumps(sys.argv[1:]))' \"$@\"\n"
    )
    stub.chmod(0o755)

    def paste(line: str) -> list[str]:
        done = subprocess.run(
            ["bash", "-c", line],
            env={**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"},
            capture_output=True,
            check=True,
            text=True,
        )
        return json.loads(done.stdout)

    return paste


@pytest.mark.parametrize("name", NAMES)
def test_a_hint_leaves_out_the_column_that_it_is_about(tmp_path, pasted, name):
    path = tmp_path / "table.csv"
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow([name, "z", "label"])
        rows.writerows([row, 0.37 * row % 1, "ab"[row % 3 == 0]] for row in range(1, 61))
    overrides = [f"data.source={json.dumps(str(path))}", "data.target=label"]
    found = data.load(schema.load("table-linear", overrides)).spec
    (hint,) = [note for note in found.warnings if "leave it out: " in note]

    *_, pasted_override = pasted(f"dlcli train table-linear {hint.rpartition('leave it out: ')[2]}")

    changed = schema.load("table-linear", [*overrides, pasted_override])
    assert changed.data.exclude == (name,)
    assert "leave it out" not in "".join(data.load(changed).spec.warnings)


@pytest.fixture(params=["runs", "my runs"])
def run(request, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DLCLI_RUNS_DIR", raising=False)
    made = RunDir(Path(request.param, "my iris #1"))
    made.path.mkdir(parents=True)
    made.recipe.write_text("task: table-classification\n")
    return made


def test_a_run_is_found_by_every_command_that_is_offered_next(run, pasted):
    of_report = usage.of(run, "table-classification", {"argv": []})
    offered = [
        *next_commands.of_completed(run.reference(), "table-classification"),
        *(command for command, _ in [*of_report["reproduce"], *of_report["use"]]),
    ]
    for command in offered:
        name, reference, *_ = pasted(command)
        if name == "train":
            assert Path(reference).samefile(run.recipe)
        else:
            found = run_dir.find(reference, run_dir.runs_folder(None))
            assert found.path.samefile(run.path), command


def test_a_report_repeats_the_command_as_it_was_typed(run, pasted):
    argv = ["dlcli", "train", "my iris.yaml", "data.exclude=['it''s', \"#b\"]", "--name", "50 %!"]
    assert pasted(usage.of(run, "table-classification", {"argv": argv})["trained"]) == argv[1:]


def test_a_hint_names_formats_of_times(pasted):
    import polars as pl

    with pytest.raises(DataError) as error:
        times.parse([pl.Series("at", ["01/02/2024", "03/04/2024", "05/06/2024"])], None, "t.csv")
    _, typed = error.value.hint.split("Say which comes first: ")
    found = [
        schema.load("series-linear", [override]).data.time_format
        for override in pasted(f"dlcli {typed}")
        if override != "or"
    ]
    assert sorted(found) == ["%d/%m/%Y", "%m/%d/%Y"]
    assert [
        schema.load("series-linear", pasted(f"dlcli {each}")).data.time_format
        for each in (times._ONE, times._SEVERAL)
    ] == ["%d/%m/%Y %H:%M", ("%d.%m.%Y", "%H:%M")]


@pytest.mark.parametrize("name", ["a: b", "#id", "it's", "[x", "Größe"])
def test_an_option_that_is_a_key_is_suggested_as_an_override(pasted, name):
    hint = known_keys.as_override("--target", ["dlcli", "train", "x", "--target", name])
    (override,) = pasted(f"dlcli {hint.partition('without dashes: ')[2]}")
    assert schema.load("table-linear", [override]).data.target == name


@pytest.mark.parametrize("name", ["Temp, innen", "#id", "it's"])
def test_the_page_of_results_repeats_a_run(tmp_path, pasted, monkeypatch, name):
    overrides = [
        "data.source=titanic.csv", f"data.exclude={json.dumps([name])}", "data.quote=none",
    ]  # fmt: skip
    trained = schema.load("table-linear", overrides)
    made = RunDir(tmp_path / "mine")
    made.path.mkdir()
    made.recipe.write_text(schema.dump(trained))
    monkeypatch.setattr(catalog, "recipe_names", lambda: ["table-linear"])

    typed = {"data.exclude", "data.quote"}
    _, command, _ = runpy.run_path(RESULTS)["_command"](made, "table-linear", typed)

    _, stem, *arguments = pasted(command)
    assert arguments[:2] == ["--data", "titanic.csv"]
    data = schema.load(stem, arguments[2:]).data
    assert (data.exclude, data.quote) == ((name,), "none")
