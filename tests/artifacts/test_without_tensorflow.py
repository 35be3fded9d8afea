"""TFLite and ONNX files are predicted in fresh processes that never import TensorFlow."""

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dlcli import kinds, preprocessing, tasks
from dlcli.artifacts import metadata
from dlcli.export import onnx, tflite
from dlcli.recipe import schema
from tests import made_up

_PATH = Path(__file__).parents[1] / "models" / "test_families.py"
_SPEC = importlib.util.spec_from_file_location("families", _PATH)
families = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(families)

# Runs the command line in this process and prints which packages it has imported.
REPORT = """
import json, sys
from dlcli.cli.app import main
code = main(sys.argv[1:])
print(json.dumps([code, sorted({name.partition(".")[0] for name in sys.modules})]))
"""
FAMILIES = {
    "image-classification": "linear",
    "text-classification": "pooled",
    "table-classification": "linear",
}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """An untrained model of a task in a format, made when it is asked for."""
    folder = tmp_path_factory.mktemp("files")

    def made(task, suffix):
        path = folder / f"{task}{suffix}"
        preprocessor, core = families.build_core(task, FAMILIES[task])
        loaded = schema.load(kinds.for_task(task).example_recipe, [f"task={task}"])
        spec = made_up.of(task)[0]
        document = {
            "format": metadata.FORMAT,
            "task": task,
            "input": preprocessing.describe(loaded, spec, preprocessor),
            "class_names": list(spec.class_names),
            "target": "",
            "recipe": loaded.model_dump(mode="json"),
        }
        model = tasks.end_to_end(preprocessor, core)
        (tflite if suffix == ".tflite" else onnx).write(model, document, path)
        return path

    return made


def inputs_of(task, folder):
    if task == "image-classification":
        Image.fromarray(np.zeros((9, 9), np.uint8)).save(folder / "photo.png")
        return [folder / "photo.png"]
    if task == "text-classification":
        return ["--text", "a b 猫"]
    (folder / "rows.csv").write_text("age,town\n3,Ulm\n,Bonn\n", encoding="utf-8")
    return [folder / "rows.csv"]


@pytest.mark.parametrize(
    "suffix", [".tflite", pytest.param(".onnx", marks=pytest.mark.slow)], ids=["tflite", "onnx"]
)
@pytest.mark.parametrize("task", FAMILIES)
def test_a_file_is_predicted_without_tensorflow(task, suffix, files, run_process, tmp_path):
    if suffix == ".onnx":
        pytest.importorskip("tf2onnx", reason="the extra onnx is not installed")
    path = files(task, suffix)
    done = run_process("predict", path, *inputs_of(task, tmp_path), python=("-c", REPORT))
    code, imported = json.loads(done.stdout.splitlines()[-1])
    assert code == 0, done.stderr
    assert "probability" in done.stdout
    heavy = {"tensorflow", "keras", "sklearn", "scipy", "matplotlib", "h5py", "pydantic", "yaml"}
    assert not heavy & set(imported)
