"""dlcli predict, evaluate and export, as a user types them."""

import csv
import importlib.util
import io
import json
import shutil
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from dlcli.export import export
from dlcli.export.target import targets
from dlcli.runs.run_dir import RunDir


@pytest.fixture(scope="module")
def artifacts(trained_run, tmp_path_factory):
    """A copy of the trained run, exported."""
    folder = tmp_path_factory.mktemp("runs") / "trained"
    shutil.copytree(trained_run.path, folder)
    formats = ["saved-model", "tflite", "onnx"]
    if importlib.util.find_spec("tf2onnx") is None:
        formats.remove("onnx")
    done = export.export(RunDir(folder), targets(formats), events=lambda event: None)
    return {"run": folder, **{result.target.format: result.path for result in done}}


def _skip_without(format, artifacts):
    if format not in artifacts:
        pytest.skip("the extra onnx is not installed")


@pytest.fixture
def pictures(tmp_path):
    """Two readable digits and one broken file between them."""
    from sklearn.datasets import load_digits

    folder = tmp_path / "pictures"
    folder.mkdir()
    for name, index in (("a.png", 0), ("c.png", 1)):
        pixels = np.round(load_digits().images[index] * 255 / 16).astype(np.uint8)
        Image.fromarray(pixels).save(folder / name)
    (folder / "b.png").write_bytes(b"no picture")
    return folder


@pytest.mark.parametrize("format", ["run", "saved-model", "tflite", "onnx"])
def test_every_artifact_gives_the_same_answers(run_cli, artifacts, pictures, format):
    _skip_without(format, artifacts)
    reference = run_cli("predict", artifacts["run"], pictures / "a.png", "--top-k", 10, "--json")
    result = run_cli("predict", artifacts[format], pictures / "a.png", "--top-k", 10, "--json")
    assert result.code == 0
    answers = [json.loads(each.stdout)["predictions"][0]["classes"] for each in (reference, result)]
    assert [item["class"] for item in answers[0]] == [item["class"] for item in answers[1]]
    probabilities = [[item["probability"] for item in answer] for answer in answers]
    assert probabilities[0] == pytest.approx(probabilities[1], abs=1e-5)


@pytest.mark.shared_data
@pytest.mark.parametrize("format", ["saved-model", "tflite", "onnx"])
def test_odd_pictures_are_answered_alike_by_every_artifact(run_cli, artifacts, shared_data, format):
    _skip_without(format, artifacts)
    odd = shared_data / "images" / "odd"
    files = sorted(path for path in odd.iterdir() if path.is_file())
    rows = []
    for artifact in (artifacts["run"], artifacts[format]):
        result = run_cli("predict", artifact, *files, "--top-k", 10, "--json")
        assert result.code == 3
        rows.append(json.loads(result.stdout)["predictions"])
    assert [row["input"] for row in rows[1]] == [str(path) for path in files]
    for own, other in zip(*rows, strict=True):
        assert own.get("error") == other.get("error")
        pairs = [
            {item["class"]: item["probability"] for item in row.get("classes", [])}
            for row in (own, other)
        ]
        assert pairs[0] == pytest.approx(pairs[1], abs=1e-5)
    errors = [row["input"] for row in rows[0] if "error" in row]
    assert 3 <= len(errors) < len(files)


def test_a_folder_gives_a_row_a_file_and_the_broken_one_says_why(run_cli, artifacts, pictures):
    result = run_cli("predict", artifacts["tflite"], pictures, "--top-k", 2, "--format", "csv")
    assert result.code == 3
    assert "1 of 3 inputs could not be read" in result.stderr
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["input"] for row in rows] == [
        str(pictures / name) for name in ("a.png", "b.png", "c.png")
    ]
    assert list(rows[0]) == [
        "input", "class", "probability", "class_2", "probability_2", "true_class", "error",
    ]  # fmt: skip
    assert "b.png cannot be read as an image" in rows[1]["error"]
    assert (rows[1]["class"], rows[0]["error"], rows[2]["error"]) == ("", "", "")
    assert float(rows[0]["probability"]) >= float(rows[0]["probability_2"])
    result = run_cli("predict", artifacts["tflite"], pictures, "--json")
    assert result.code == 3
    said = [row.get("error", "") for row in json.loads(result.stdout)["predictions"]]
    assert said == ["", rows[1]["error"], ""]


def test_jsonl_goes_to_a_file_by_its_suffix(run_cli, artifacts, pictures, tmp_path):
    target = tmp_path / "answers.jsonl"
    result = run_cli("predict", artifacts["tflite"], pictures / "*.png", "--output", target)
    assert (result.code, result.stdout) == (3, "")
    lines = [json.loads(line) for line in target.read_text().splitlines()]
    assert ["error" in line for line in lines] == [False, True, False]


def test_standard_input_is_an_image(artifacts, pictures):
    done = subprocess.run(
        [sys.executable, "-m", "dlcli", "predict", str(artifacts["tflite"]), "-", "--json"],
        check=True,
        input=(pictures / "a.png").read_bytes(),
        capture_output=True,
    )
    assert json.loads(done.stdout)["predictions"][0]["input"] == "-"


def test_examples_of_a_split_show_their_true_class(run_cli, artifacts):
    result = run_cli(
        "predict", artifacts["run"], "--split", "test", "--limit", 5, "--format", "csv"
    )
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert result.code == 0
    assert len(rows) == 5
    assert all(row["input"].startswith("digits[") for row in rows)
    assert all(row["true_class"] in set("0123456789") for row in rows)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "expected either inputs or --split, and got neither."),
        (("x.png", "--split", "test"), "expected either inputs or --split, and got both."),
    ],
)
def test_inputs_or_a_split(run_cli, artifacts, arguments, message):
    result = run_cli("predict", artifacts["tflite"], *arguments)
    assert result.code == 2
    assert message in result.stderr


def test_the_command_that_is_offered_can_be_pasted(run_cli):
    result = run_cli("predict", "my run", "--runs-dir", "my runs")
    command = "dlcli predict 'my run' --runs-dir 'my runs' --split test --limit 5"
    assert f"Try: {command}\n" in result.stderr


@pytest.mark.parametrize("command", ["predict", "evaluate"])
def test_an_override_is_given_as_a_setting(run_cli, command):
    result = run_cli(command, "latest", 'data.time_format="%d/%m"')
    assert result.code == 2
    assert "Write it as --set 'data.time_format=\"%d/%m\"'\n" in result.stderr


def test_an_input_is_not_overwritten_by_its_answers(run_cli, tmp_path):
    path = tmp_path / "my rows.csv"
    path.write_text("x\n1\n")
    result = run_cli("predict", "latest", path, "--output", path)
    assert result.code == 2
    assert "rows.csv is an input; its answers would take its place." in result.stderr
    assert f"Name another file: --output '{tmp_path}/my rows-answers.csv'\n" in result.stderr
    assert path.read_text() == "x\n1\n"


def test_a_missing_file_is_a_row_too(run_cli, artifacts, tmp_path):
    result = run_cli("predict", artifacts["tflite"], tmp_path / "none.png", "--json")
    assert result.code == 3
    documents = result.stdout
    assert "none.png cannot be read as an image: No such file or directory" in documents


def test_neither_predicting_nor_evaluating_a_tflite_file_imports_tensorflow(artifacts, pictures):
    code = (
        "import sys\n"
        "from dlcli.cli.app import main\n"
        "codes = [main(arguments.split('|')) for arguments in sys.argv[1:]]\n"
        "heavy = {'tensorflow', 'keras', 'sklearn.metrics'} & set(sys.modules)\n"
        "print(codes, sorted(heavy), file=sys.stderr)\n"
    )
    commands = [
        f"predict|{artifacts['tflite']}|{pictures / 'a.png'}",
        f"predict|{artifacts['tflite']}|--split|test|--limit|2",
        f"evaluate|{artifacts['tflite']}",
    ]
    done = subprocess.run(
        [sys.executable, "-c", code, *commands], check=True, capture_output=True, text=True
    )
    assert done.stderr.splitlines()[-1] == "[0, 0, 0] []"


@pytest.mark.parametrize("format", ["run", "saved-model", "tflite", "onnx"])
def test_an_artifact_is_evaluated_to_the_figures_of_its_run(
    run_cli, artifacts, trained_run, format
):
    _skip_without(format, artifacts)
    result = run_cli("evaluate", artifacts[format], "--json")
    measured = json.loads(result.stdout)["test"]
    recorded = json.loads(trained_run.metrics.read_text())["test"]
    assert result.code == 0
    assert measured["accuracy"] == recorded["accuracy"]
    assert measured["loss"] == pytest.approx(recorded["loss"], abs=1e-5)
    assert measured["confusion"] == recorded["confusion"]


def test_own_data_is_measured_whole_and_what_is_left_out_is_named(run_cli, artifacts, pictures):
    for name, digit in (("a.png", "0"), ("c.png", "1"), ("b.png", "1")):
        (pictures / digit).mkdir(exist_ok=True)
        (pictures / name).rename(pictures / digit / name)
    result = run_cli("evaluate", artifacts["tflite"], "--data", pictures)
    assert result.code == 0
    assert "Warning: 1 files are left out:\n  1/b.png:" in result.stderr
    assert "Examples" in result.stdout


def test_own_data_with_a_class_that_the_model_does_not_know(run_cli, artifacts, pictures):
    (pictures / "cat").mkdir()
    (pictures / "a.png").rename(pictures / "cat" / "a.png")
    result = run_cli("evaluate", artifacts["tflite"], "--data", pictures)
    assert result.code == 3
    assert "holds the class 'cat', which the model does not know" in result.stderr


def test_export_prints_each_file_with_its_difference(run_cli, artifacts):
    result = run_cli("export", artifacts["run"], "--format", "tflite,keras")
    assert result.code == 0
    exports = artifacts["run"] / "exports"
    assert result.stdout.splitlines() == [
        str(exports / "model.tflite"),
        str(exports / "model.keras"),
    ]
    assert result.stderr.count("max difference") == 2
    assert "over 359 examples; " in result.stderr


def test_an_export_beyond_the_tolerance_is_rejected(run_cli, artifacts):
    result = run_cli("export", artifacts["run"], "--format", "tflite", "--tolerance", "0")
    assert result.code == 4
    assert "model.tflite differs from the model by" in result.stderr
    assert "export again with a larger --tolerance" in result.stderr


def test_an_unknown_format_is_answered_with_the_list(run_cli, artifacts):
    result = run_cli("export", artifacts["run"], "--format", "tflit")
    assert result.code == 2
    assert (
        "Expected some of: keras, saved-model, tflite, onnx. Did you mean 'tflite'?"
        in result.stderr
    )


def test_a_folder_that_is_not_there_is_named_before_the_work(run_cli, trained_run, tmp_path):
    folder = tmp_path / "no pe"
    result = run_cli("predict", trained_run.path, "--split", "test", "-o", folder / "x.csv")
    assert (result.code, result.stdout) == (2, "")
    assert result.stderr == (
        f"Error: there is no folder {folder} to write x.csv into.\nMake it: mkdir -p '{folder}'\n"
    )
