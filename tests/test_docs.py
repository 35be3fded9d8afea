"""The generated pages say what the code says."""

import json
import shutil
from pathlib import Path

from dlcli.recipe import schema

GENERATE = str(Path(__file__).parents[1] / "docs" / "generate.py")
RESULTS = str(Path(__file__).parents[1] / "docs" / "results.py")


def test_the_generated_pages_are_those_of_the_code(run_process):
    result = run_process("--check", python=(GENERATE,))
    assert (result.code, result.stdout, result.stderr) == (0, "", ""), "run: make docs"


def test_a_page_that_differs_is_shown(run_process, tmp_path):
    (tmp_path / "docs").mkdir()
    generate = tmp_path / "docs" / "generate.py"
    generate.write_text(Path(GENERATE).read_text(encoding="utf-8"), encoding="utf-8")
    result = run_process("--check", python=(str(generate),))
    assert (result.code, result.stderr) == (1, "")
    assert result.stdout.startswith("--- docs/commands.md\n+++ docs/commands.md, written anew\n")
    assert "\n+| `training.epochs` | a whole number, at least 1 | `10` |" in result.stdout
    assert not (tmp_path / "docs" / "recipe.md").exists()


def test_the_page_of_results_is_that_of_the_stored_figures(run_process):
    result = run_process("--check", python=(RESULTS,))
    assert (result.code, result.stdout, result.stderr) == (0, "", ""), "run: docs/results.py"


def test_a_run_becomes_a_row_that_names_no_path(run_process, tmp_path, trained_run):
    (tmp_path / "docs").mkdir()
    script = tmp_path / "docs" / "results.py"
    script.write_text(Path(RESULTS).read_text(encoding="utf-8"), encoding="utf-8")
    run = tmp_path / "run"
    shutil.copytree(trained_run.path, run)
    for seed in ("3", "4"):
        overrides = ["data.source=/some/place/pictures", f"training.seed={seed}"]
        changed = schema.dump(schema.load(str(trained_run.recipe), overrides))
        (run / "recipe.yaml").write_text(changed, encoding="utf-8")
        result = run_process(run, python=(str(script),))
        assert (result.code, result.stderr) == (0, "")
    page = (tmp_path / "docs" / "results.md").read_text(encoding="utf-8")
    (row,) = [line for line in page.splitlines() if line.startswith("| `digits-cnn`")]
    assert row.endswith("`dlcli train digits-cnn --data pictures training.epochs=2` |")
    assert "(mean of 2, " in row
    assert "(majority class) | better |" in row
    stored = json.loads((tmp_path / "docs" / "results.json").read_text(encoding="utf-8"))
    assert [each["seeds"] for each in stored] == [["training.seed=3"], ["training.seed=4"]]
    assert "/some/place" not in json.dumps(stored)

    earlier = [
        {**each, "version": "0.1", "test": each["test"] - gain}
        for each, gain in zip(stored, (0.02, 0.04), strict=True)
    ]
    (tmp_path / "docs" / "results.json").write_text(json.dumps(earlier + stored), encoding="utf-8")
    assert run_process(python=(str(script),)).code == 0
    page = (tmp_path / "docs" / "results.md").read_text(encoding="utf-8")
    _, change = (line for line in page.splitlines() if line.startswith("| `digits-cnn`"))
    assert change.endswith("| +3.00 points | 1.00 |")
