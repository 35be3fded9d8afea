"""dlcli generate, as a user types it."""

import json

import numpy as np
import pytest
from PIL import Image

from dlcli.recipe import schema
from dlcli.training import run

TINY = (
    "preprocessing={image_size: [8, 8], color_mode: grayscale, noise_size: 6}",
    "model.filters=[4]",
    "training.epochs=1",
    "training.batch_size=256",
)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    loaded = schema.load("digits-gan", list(TINY))
    run.train(
        loaded, "digits-gan", folder, name="made", events=lambda event: None, stop=lambda: False
    )
    return folder


def test_a_sheet_holds_the_pictures_of_the_seed(runs, run_cli, tmp_path):
    sheet = tmp_path / "sheet.png"
    done = run_cli("generate", "made", "--count", 9, "--seed", 5, "-o", sheet, "--runs-dir", runs)
    assert (done.code, done.stdout) == (0, f"9 pictures, seed 5: {sheet}\n")
    first = sheet.read_bytes()
    with Image.open(sheet) as opened:
        assert opened.size == (8 * (3 * 9 + 1), 8 * (3 * 9 + 1))
        assert opened.mode == "L"
    run_cli("generate", "made", "--count", 9, "--seed", 5, "-o", sheet, "--runs-dir", runs)
    assert sheet.read_bytes() == first
    run_cli("generate", "made", "--count", 9, "--seed", 6, "-o", sheet, "--runs-dir", runs)
    assert sheet.read_bytes() != first


def test_a_folder_holds_one_file_a_picture(runs, run_cli, tmp_path):
    folder = tmp_path / "new" / "pictures"
    done = run_cli(
        "generate", "latest", "--count", 3, "--seed", 1, "-o", folder, "--runs-dir", runs, "--json"
    )
    document = json.loads(done.stdout)
    assert document["schema"] == "dlcli.generate/1"
    assert document["shape"] == [8, 8, 1]
    assert (document["count"], document["seed"]) == (3, 1)
    assert sorted(path.name for path in folder.iterdir()) == ["0000.png", "0001.png", "0002.png"]
    with Image.open(folder / "0001.png") as picture:
        assert np.asarray(picture).shape == (8, 8)


def test_without_a_seed_the_one_that_was_drawn_is_told(runs, run_cli, tmp_path):
    arguments = ("generate", "made", "--count", 1, "-o", tmp_path / "a.png", "--runs-dir", runs)
    told = [json.loads(run_cli(*arguments, "--json").stdout)["seed"] for _ in range(3)]
    assert len(set(told)) > 1


def test_a_place_that_cannot_be_written_is_told(runs, run_cli, tmp_path):
    target = tmp_path / "missing" / "sheet.png"
    done = run_cli("generate", "made", "-o", target, "--runs-dir", runs)
    assert done.code == 2
    assert "sheet.png cannot be written: No such file or directory." in done.stderr


def test_a_classifier_makes_no_pictures(trained_run, run_cli):
    done = run_cli("generate", trained_run.path)
    assert done.code == 2
    assert "was trained for image-classification" in done.stderr
    assert "dlcli train digits-gan" in done.stderr


def test_predict_says_to_generate(runs, run_cli):
    done = run_cli("predict", "made", "--split", "test", "--runs-dir", runs)
    assert done.code == 2
    assert "dlcli generate" in done.stderr


def test_a_completed_run_says_how_to_make_pictures(runs, run_cli):
    done = run_cli("runs", "show", "made", "--runs-dir", runs)
    assert f"dlcli generate {runs / 'made'} --count 64" in done.stderr
    assert "dlcli predict" not in done.stderr


def test_evaluate_measures_on_a_folder_of_ones_own(runs, run_cli, tmp_path):
    for index in range(4):
        Image.new("L", (8, 8), 60 * index).save(tmp_path / f"{index}.png")
    done = run_cli("evaluate", "made", "--data", tmp_path, "--runs-dir", runs, "--json")
    measured = json.loads(done.stdout)["test"]
    assert measured["examples"] == 4
    assert measured["frechet_distance"] > 0


def test_a_model_that_makes_nothing_and_options_of_the_other_kind_are_refused(
    runs, run_cli, trained_run, tmp_path
):
    done = run_cli("generate", trained_run.path)
    assert done.code == 2
    assert "was trained for image-classification. Expected a model of text-generation" in (
        done.stderr
    )
    done = run_cli("generate", "made", "--prompt", "a", "--top-k", 3, "--runs-dir", runs)
    assert done.code == 2
    assert "makes pictures; --prompt and --top-k cannot be used with it." in done.stderr
