"""Files that would take all memory, or answer with no numbers, are refused before they do."""

import json
import shutil
import zipfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from dlcli import artifacts
from dlcli.artifacts import contents, metadata, probe, tflite
from dlcli.errors import ArtifactError, UsageError

KEPT = Path(__file__).parents[1] / "kept" / "0.1" / "runs"
TASKS = sorted(path.name for path in KEPT.iterdir())
MODEL = KEPT / "table-regression" / "model.keras"


def rewritten(path, change):
    """A copy of a `.keras` file with its members changed: a function of name and bytes."""
    with zipfile.ZipFile(MODEL) as before, zipfile.ZipFile(path, "w") as after:
        for member in before.infolist():
            data = change(member.filename, before.read(member))
            after.writestr(member.filename, data, member.compress_type)
    return path


def checked(path):
    """What is read of a file before Keras reads it."""
    metadata.read_from_zip(path)
    contents.check(path)


@pytest.mark.parametrize("task", TASKS)
def test_models_of_every_task_are_let_through(task):
    contents.check(KEPT / task / "model.keras")
    assert metadata.read_from_zip(KEPT / task / "model.keras")["task"] == task
    probe.check(tflite.load(KEPT / task / "exports" / "model.tflite"), "it")


@pytest.mark.parametrize("size", [20_000_000, 2**80])
def test_a_layer_of_more_units_than_there_are_weights_is_refused(tmp_path, size):
    def change(name, data):
        if name != contents.CONFIG:
            return data
        return json.dumps({**json.loads(data), "units": size}).encode()

    with pytest.raises(ArtifactError, match=f"names a layer of {size:,} units"):
        contents.check(rewritten(tmp_path / "large.keras", change))


@pytest.mark.parametrize(
    ("marked", "message"),
    [("encrypted", "is encrypted, password required"), ("unknown", "compression method is not")],
)
@pytest.mark.parametrize("member", [metadata.MEMBER, contents.CONFIG])
def test_members_that_cannot_be_unpacked_are_told(tmp_path, marked, message, member):
    path = tmp_path / "odd.keras"
    shutil.copy(MODEL, path)
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        start = archive.getinfo(member).header_offset
        directory = data.index(member.encode(), archive.start_dir) - 46
    for flags, method in ((start + 6, start + 8), (directory + 8, directory + 10)):
        if marked == "encrypted":
            data[flags] |= 1
        else:
            data[method] = 93
    path.write_bytes(data)
    with pytest.raises(ArtifactError, match=message):
        checked(path)


@pytest.mark.parametrize("member", [metadata.MEMBER, contents.CONFIG])
def test_json_that_is_nested_deeply_is_told(tmp_path, member):
    deep = b"[" * 200_000 + b"]" * 200_000
    changed = rewritten(
        tmp_path / "deep.keras", lambda name, data: deep if name == member else data
    )
    with pytest.raises(ArtifactError, match=r"holds no dlcli.json|is damaged|unpack to"):
        checked(changed)


def test_metadata_without_what_it_is_read_for_is_told(tmp_path):
    def change(name, data):
        document = json.loads(data) if name == metadata.MEMBER else {}
        document.get("input", {}).pop("columns", None)
        return json.dumps(document).encode() if document else data

    with pytest.raises(ArtifactError, match=r"'input\.columns' is missing. Expected a list"):
        metadata.read_from_zip(rewritten(tmp_path / "edited.keras", change))


def test_a_tensor_out_of_all_proportion_is_refused(tmp_path):
    path = tmp_path / "model.tflite"
    path.write_bytes(b"x" * 130_000)
    shapes = [(1, 4), (1, 2**29)]
    interpreter = SimpleNamespace(
        get_input_details=lambda: [{"shape": np.array([1, 4])}],
        get_tensor_details=lambda: [{"shape": each, "dtype": np.float32} for each in shapes],
    )
    with pytest.raises(ArtifactError, match=r"a tensor of 2,048 MiB\. Expected at most 256 MiB"):
        tflite._check_memory(interpreter, path)
    shapes.pop()
    tflite._check_memory(interpreter, path)


def test_a_model_that_answers_nan_is_refused():
    document = metadata.read_from_zip(MODEL)
    broken = SimpleNamespace(metadata=document, predict_batch=lambda raw: np.array([[np.nan]]))
    with pytest.raises(ArtifactError, match="model answers 1 times nan to an example of zeros"):
        probe.check(broken, "model")


def test_a_device_is_no_model():
    with pytest.raises(UsageError, match="'/dev/zero' is a device or a pipe"):
        artifacts.identify(Path("/dev/zero"))
