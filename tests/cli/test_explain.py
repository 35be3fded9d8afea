"""dlcli explain, as a user types it."""

import json
import shutil
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from dlcli.export import export
from dlcli.export.target import targets
from dlcli.recipe import schema
from dlcli.runs.run_dir import RunDir
from dlcli.training import run


@pytest.fixture(scope="module")
def digits(trained_run, tmp_path_factory):
    """A copy of the trained run, with a TFLite file."""
    folder = tmp_path_factory.mktemp("runs") / "trained"
    shutil.copytree(trained_run.path, folder)
    list(export.export(RunDir(folder), targets(["tflite"]), events=lambda event: None))
    return folder


@pytest.fixture(scope="module")
def flowers(tmp_path_factory):
    """A run on a table in which the petals tell the kind, and how wet it was does not."""
    folder = tmp_path_factory.mktemp("tables")
    generator = np.random.default_rng(0)
    petals, wet = generator.normal(size=(2, 200))
    rows = [
        f"{length:.3f},{rain:.3f},{'iris' if length > 0 else '玫瑰'}"
        for length, rain in zip(petals, wet, strict=True)
    ]
    path = folder / "flowers.csv"
    path.write_text("\n".join(["petal,rain,kind", *rows]), encoding="utf-8")
    loaded = schema.load(
        "table-mlp", [f'data.source="{path}"', "data.target=kind", "training.epochs=12"]
    )
    result = run.train(
        loaded, "table-mlp", folder, name="flowers", events=lambda _: None, stop=lambda: False
    )
    return result.run.path, path


@pytest.fixture
def picture(tmp_path):
    from sklearn.datasets import load_digits

    pixels = np.round(load_digits().images[0] * 255 / 16).astype(np.uint8)
    path = tmp_path / "null 0.png"
    Image.fromarray(pixels).save(path)
    return path


def test_images_leave_a_picture_and_numbers_each_and_nothing_is_replaced(
    run_cli, digits, picture, tmp_path
):
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    folder = tmp_path / "why"
    result = run_cli("explain", digits, picture, broken, "--output", folder, "--json")
    assert result.code == 3
    document = json.loads(result.stdout)
    assert document["schema"] == "dlcli.explain/1"
    first, second = document["explanations"]
    assert "cannot be read as an image" in second["error"]
    assert first["picture"] == "01-null-0.png"
    assert [each["method"] for each in first["attributions"]] == [
        "grad-cam",
        "integrated-gradients",
    ]
    own = first["attributions"][1]
    assert own["sum"] == pytest.approx(own["score"] - own["reference_score"] + own["gap"], abs=1e-4)
    assert abs(own["gap"]) < 0.02 * abs(own["score"] - own["reference_score"])
    assert [each["verdict"] for each in document["sanity"]] == ["depends on the weights"] * 2
    assert sorted(path.name for path in folder.iterdir()) == [
        "01-null-0.npz",
        "01-null-0.png",
        "explanations.json",
    ]
    with np.load(folder / "01-null-0.npz") as arrays:
        assert arrays["integrated_gradients"].sum() == pytest.approx(own["sum"], abs=1e-3)
    stored = json.loads((folder / "explanations.json").read_text(encoding="utf-8"))
    assert stored == {name: value for name, value in document.items() if name != "schema"}
    again = run_cli("explain", digits, picture, "--output", folder)
    assert again.code == 2
    assert "holds files already, and nothing is replaced." in again.stderr


def test_mistakes_go_into_a_new_folder_of_the_run_each_time(run_cli, digits):
    for count in (1, 2):
        result = run_cli("explain", digits, "--mistakes", "--limit", 1, "--method", "grad-cam")
        assert result.code == 0
        assert "(true class: " in result.stdout
        assert "Check of grad-cam with shuffled weights: rank correlation" in result.stdout
        assert len(list((digits / "explanations").iterdir())) == count
    assert any(path.name == "explanations" for path, _ in RunDir(digits).contents())


def test_a_tflite_file_is_explained_without_tensorflow(digits, picture):
    code = (
        "import sys\n"
        "from dlcli.cli.app import main\n"
        "code = main(sys.argv[1:])\n"
        "print(code, sorted({'tensorflow', 'keras'} & set(sys.modules)), file=sys.stderr)\n"
    )
    artifact = digits / "exports" / "model.tflite"
    done = subprocess.run(
        [sys.executable, "-c", code, "explain", str(artifact), str(picture)],
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stderr.splitlines()[-1] == "0 []", done.stderr
    assert "grad-cam is left out: it needs gradients" in done.stderr
    assert "occlusion: probability of '0'" in done.stdout
    assert (artifact.parent / "explanations").is_dir()


def test_a_table_without_inputs_shows_which_columns_matter(run_cli, flowers, tmp_path):
    folder, path = flowers
    result = run_cli("explain", folder, "--json", "--output", tmp_path / "a")
    first, second = json.loads(result.stdout)["permutation"]["columns"]
    assert (first["column"], first["above_chance"]) == ("petal", True)
    assert (second["column"], second["above_chance"]) == ("rain", False)
    assert first["importance"] > 0.3
    assert abs(second["importance"]) < 0.1
    shown = run_cli("explain", folder, "--data", path, "--output", tmp_path / "b")
    assert shown.code == 0
    assert "within chance" in shown.stdout
    assert "over 200 rows" in shown.stdout
    assert (tmp_path / "b" / "permutation.png").is_file()


def test_rows_of_a_table_are_compared_with_what_is_usual(run_cli, flowers, tmp_path):
    folder, path = flowers
    result = run_cli("explain", folder, path, "--limit", 1, "--json", "-o", tmp_path / "a")
    (row,) = json.loads(result.stdout)["explanations"]
    (attribution,) = row["attributions"]
    assert attribution["compared_with"].endswith("as it usually is in the train split")
    assert [each["column"] for each in attribution["columns"]] == ["petal", "rain"]
    assert all(abs(each["usual"]) < 0.5 for each in attribution["columns"])
    other = run_cli("explain", folder, path, "--limit", 1, "--class", "玫瑰", "-o", tmp_path / "b")
    assert other.code == 0
    assert "occlusion: probability of '玫瑰'" in other.stdout


@pytest.mark.parametrize("given", ["own", "data"])
def test_how_own_files_are_read_is_said_and_can_be_set(run_cli, flowers, tmp_path, given):
    folder, _ = flowers
    path = tmp_path / "new.csv"
    path.write_text("sheet 7\npetal;rain;kind\n1,5;0,25;iris\n-1,5;0,5;iris\n", encoding="utf-8")
    inputs = ["--data", path] if given == "data" else [path]
    done = run_cli("explain", folder, *inputs, "-o", tmp_path / "a", "--json")
    warned = json.loads(done.stdout)["warnings"]
    assert any("sheet 7" in note or "line 1" in note for note in warned)
    refused = run_cli(
        "explain", folder, *inputs, "-o", tmp_path / "b", "--set", "data.skip_lines=0"
    )
    assert refused.code == 3
    assert given == "own" or "--set data." in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "expected something to explain: inputs, --split or --mistakes."),
        (("x.png", "--split", "test"), "expected either inputs or a split, and got both."),
        (("x.png", "--method", "attention"), "attention is not offered here: it is about the"),
        (("--method", "permutation"), "permutation is not offered here: it is about the columns"),
        (("--text", "a word"), "this model takes no texts"),
        (("--split", "test", "--class", "seven"), "the model knows no class or target 'seven'."),
    ],
)
def test_what_does_not_fit_is_said(run_cli, digits, arguments, message):
    result = run_cli("explain", digits, *arguments)
    assert result.code == 2
    assert message in result.stderr


def test_permutation_and_inputs_do_not_go_together(run_cli, flowers):
    folder, path = flowers
    result = run_cli("explain", folder, path, "--method", "permutation")
    assert result.code == 2
    assert "permutation importance is of a whole data set, and inputs are given." in result.stderr
