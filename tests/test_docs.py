"""The generated pages say what the code says."""

from pathlib import Path

GENERATE = str(Path(__file__).parents[1] / "docs" / "generate.py")


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
