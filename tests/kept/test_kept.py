"""What earlier versions wrote still loads and answers the same; tests/kept/make.py wrote it."""

from __future__ import annotations

import csv
import json
import math
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from dlcli import __version__
from dlcli.runs.run_dir import RunDir

KEPT = Path(__file__).parent
ANSWERS = {
    (path.parents[1].name, path.stem): json.loads(path.read_text(encoding="utf-8"))
    for path in sorted(KEPT.glob("*/answers/*.json"))
}
TASKS = list(ANSWERS)
ARTIFACTS = [(*key, artifact) for key in TASKS for artifact in ANSWERS[key]["answers"]]
# CPUs differ in the last bits of a float32; integer products of quantized files are rounded at
# other places where a last bit differs.
TOLERANCE, QUANTIZED_TOLERANCE = 1e-5, 1e-2


def assert_alike(found: Any, kept: Any, tolerance: float, place: str = "") -> None:
    """See that a JSON document has all that was kept, numbers within a tolerance."""
    if isinstance(kept, dict):
        for name, value in kept.items():
            assert name in found, f"{place} has no {name}"
            assert_alike(found[name], value, tolerance, f"{place}.{name}")
    elif isinstance(kept, list):
        assert len(found) == len(kept), place
        pairs = zip(_by_class(found), _by_class(kept), strict=True)
        for index, (one, other) in enumerate(pairs):
            assert_alike(one, other, tolerance, f"{place}[{index}]")
    elif isinstance(kept, float):
        scale = max(1, abs(kept))
        assert math.isclose(found, kept, rel_tol=0, abs_tol=tolerance * scale), (place, found, kept)
    else:
        assert found == kept, place


def _by_class(items: list[Any]) -> list[Any]:
    """Order probabilities by class: two that are nearly equal may change places."""
    if items and isinstance(items[0], dict) and "probability" in items[0]:
        return sorted(items, key=lambda item: item["class"])
    return items


def ask(run_cli: Callable[..., Any], question: list[str], artifact: str, folder: Path) -> Any:
    """Ask a run or an artifact as it was asked when it was kept."""
    command = [artifact if part == "ARTIFACT" else part for part in question]
    is_made = "--count" in command
    done = run_cli(*command, "--json", "--trust", *(["--output", folder] * is_made))
    assert done.code == 0, done.stderr
    if is_made:
        pictures = [np.asarray(Image.open(path)).tolist() for path in sorted(folder.iterdir())]
        return {"pictures": pictures}
    return json.loads(done.stdout)


def _parameter(version: str, task: str, artifact: str) -> Any:
    # A run answers by a .keras file as well: its exported twin is left to `make slow`.
    marks = pytest.mark.slow if artifact.endswith(".keras") else ()
    return pytest.param(version, task, artifact, marks=marks, id=f"{version}-{artifact}")


@pytest.mark.parametrize(
    ("version", "task", "artifact"), [_parameter(*artifact) for artifact in ARTIFACTS]
)
def test_a_kept_artifact_gives_the_answers_that_it_gave(
    version, task, artifact, run_cli, monkeypatch, tmp_path
) -> None:
    monkeypatch.chdir(KEPT / version)  # the answers name the inputs
    kept = ANSWERS[version, task]
    found = ask(run_cli, kept["question"], artifact, tmp_path / "pictures")
    is_quantized = {".dynamic", ".int8"} & set(Path(artifact).suffixes)
    if "pictures" in found:  # numbers that were rounded to whole ones
        difference = np.subtract(found["pictures"], kept["answers"][artifact]["pictures"])
        assert np.abs(difference).max() <= (3 if is_quantized else 1)
        return
    tolerance = QUANTIZED_TOLERANCE if is_quantized else TOLERANCE
    assert_alike(found, kept["answers"][artifact], tolerance)


@pytest.mark.parametrize("version", sorted({version for version, _ in TASKS}))
def test_kept_runs_are_listed_as_completed_and_interrupted(version, run_cli) -> None:
    for folder, state in (("runs", "completed"), ("interrupted", "interrupted")):
        done = run_cli("runs", "list", "--runs-dir", KEPT / version / folder, "--json")
        assert done.code == 0, done.stderr
        runs = json.loads(done.stdout)["runs"]
        assert {(run["name"], run["state"]) for run in runs} == {
            (task, state) for kept_in, task in TASKS if kept_in == version
        }


@pytest.mark.parametrize(("version", "task"), TASKS)
def test_a_kept_run_measures_what_it_measured(version, task, run_cli, monkeypatch) -> None:
    run = RunDir(KEPT / version / "runs" / task)
    # In a model's own recipe the path of the data is relative to where it was trained.
    monkeypatch.chdir(KEPT / version / "data" / "pictures")
    done = run_cli("evaluate", run.path, "--json")
    assert done.code == 0, done.stderr
    kept = json.loads(run.metrics.read_text(encoding="utf-8"))
    assert_alike(json.loads(done.stdout)["test"], kept["test"], TOLERANCE)


@pytest.mark.slow
@pytest.mark.parametrize(("version", "task"), TASKS)
def test_a_kept_run_is_exported_and_reported(version, task, run_cli, tmp_path) -> None:
    run = copied(version, "runs", task, tmp_path)
    before = (run.exports / "model.tflite").read_bytes()
    shutil.rmtree(run.exports)
    done = run_cli("export", run.path, "--format", "keras,tflite")
    assert done.code == 0, done.stderr
    assert len((run.exports / "model.tflite").read_bytes()) == pytest.approx(len(before), rel=0.2)
    done = run_cli("report", run.path)
    assert done.code == 0, done.stderr
    assert run.report.exists()


def copied(version: str, folder: str, task: str, target: Path) -> RunDir:
    """Copy a run to where it may be changed, its data as far from it as it was."""
    run = RunDir(target / folder / task)
    shutil.copytree(KEPT / version / folder / task, run.path)
    (target / "data").symlink_to(KEPT / version / "data")
    return run


def history(run: RunDir) -> list[dict[str, str]]:
    with run.history.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


FAST = "table-regression"


@pytest.mark.parametrize(
    ("version", "task"),
    [
        pytest.param(*key, marks=() if key[1] == FAST else pytest.mark.slow, id="-".join(key))
        for key in TASKS
    ],
)
def test_a_kept_interrupted_run_goes_on_where_the_change_of_version_is_allowed(
    version, task, run_cli, tmp_path
) -> None:
    run = copied(version, "interrupted", task, tmp_path)
    written_by = json.loads(run.environment.read_text(encoding="utf-8"))["dlcli"]
    before = history(run)
    refused = run_cli("train", "--resume", run.path)
    assert refused.code == 2
    assert f"dlcli: {written_by} -> {__version__}" in refused.stderr
    assert "--allow-changed" in refused.stderr
    assert run.state() == "interrupted"
    done = run_cli("train", "--resume", run.path, "--allow-changed", "--quiet")
    assert done.code == 0, done.stderr
    assert run.state() == "completed"
    [change] = json.loads(run.environment.read_text(encoding="utf-8"))["changes"]
    assert change["step"] > 0
    assert f"dlcli: {written_by} -> {__version__}" in change["changed"]
    after = history(run)
    assert after[: len(before)] == before
    assert len(after) == 3
