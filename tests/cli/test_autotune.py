"""dlcli autotune, as a user types it."""

import json

import pytest

TINY = ("digits-cnn", "model.filters=[2]", "model.dense_units=[4]")


@pytest.mark.slow
def test_one_setting_is_measured_in_a_process_of_its_own(run_process):
    command = ("autotune", *TINY, "training.intra_op_threads=1", "--once", "--seconds", "0.1")
    result = run_process(*command, "--json")
    assert (result.code, result.stderr) == (0, "")
    document = json.loads(result.stdout)
    assert document["schema"] == "dlcli.autotune/1"
    assert document["examples_per_second"] > 10
    assert document["precision"] == "float32"
    assert document["work"]["model"]["filters"] == [2]


@pytest.mark.slow
def test_a_choice_is_printed_kept_and_taken_by_auto(run_process, tmp_path):
    cache = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    result = run_process("autotune", *TINY, "--seconds", "0.3", **cache)
    assert result.code == 0, result.stderr
    assert "mixed_bfloat16" in result.stdout
    assert "chosen" in result.stdout
    [kept] = (tmp_path / "cache" / "dlcli" / "autotune").iterdir()
    assert f"Kept in {kept}" in result.stdout
    chosen = json.loads(kept.read_text())["chosen"]
    auto = [f"training.{key}=auto" for key in chosen]
    trained = run_process(
        "train", *TINY, *auto, "training.epochs=1", "--runs-dir", tmp_path, "--name", "r", **cache
    )
    assert trained.code == 0, trained.stderr
    text = (tmp_path / "r" / "recipe.yaml").read_text()
    for key, value in chosen.items():
        written = "null" if value is None else str(value)
        assert f"  {key}: {written}\n" in text
        assert f"training.{key}={written}: measured by dlcli autotune" in trained.stderr


def test_a_recipe_that_is_wrong_is_a_sentence(run_cli):
    result = run_cli("autotune", "digits-cn")
    assert (result.code, result.stdout) == (2, "")
    assert "Did you mean 'digits-cnn'?" in result.stderr
