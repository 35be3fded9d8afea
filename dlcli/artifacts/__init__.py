"""Artifacts: whatever predicts, behind one protocol; one file a format.

TensorFlow and Keras are imported only by the formats that need them.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from dlcli.errors import ArtifactError, DlcliError, RunBusyError, UsageError
from dlcli.inputs.examples import Examples
from dlcli.runs.run_dir import RunDir

_HEAD = 16  # bytes that tell a file's format


class Predictor(Protocol):
    """Something that answers for raw examples.

    `metadata` is the document that `dlcli.artifacts.metadata` describes.
    """

    metadata: dict[str, Any]

    def predict_batch(self, raw: Examples) -> np.ndarray:
        """Predict one batch.

        Args:
            raw: (batch, ...) raw examples of `metadata["input"]`; for images
                uint8 (batch, height, width, channels); for tables an array (batch,) for
                each column's key, numbers or str objects for categories; for texts
                str objects (batch,). Numbers are float32 or float64 in their own units.

        Returns:
            float32 (batch, ...), or float64 in the units of targets that float32 does not hold;
            for classification the probabilities (batch, num_classes), for regression
            (batch, 1) in the target's units.
        """
        ...


def load(path: Path, *, trust: bool = False, num_threads: int | None = None) -> Predictor:
    """Load a run, a `.keras` file, a SavedModel folder, a `.tflite` or an `.onnx` file.

    The format is decided by what the file holds, not by its name.

    Args:
        trust: load a SavedModel that is not known as an export of this user, and a `.keras` file
            that names what no model of dlcli has; see `dlcli.artifacts.manifest` and
            `dlcli.artifacts.contents`. Other formats hold no programs and need no trust.
        num_threads: threads that one operator works on; None for one a processor.
            TensorFlow takes it only in a process that has not computed yet.

    Raises:
        UsageError: there is nothing at the path, or none of these.
        ArtifactError: it is damaged, was not written by dlcli, or is not trusted.
        DlcliError: what runs its format is not installed.
    """
    predictor = _loaded(path, trust, num_threads)
    if not trust:
        from dlcli.artifacts import probe

        probe.check(predictor, path)
    return predictor


def _loaded(path: Path, trust: bool, num_threads: int | None) -> Predictor:
    format_name, file = identify(path)
    if format_name in {"tflite", "onnx"} and not trust:  # the other formats check more than this
        from dlcli.artifacts import manifest

        manifest.check_if_listed(file)
    if format_name == "tflite":
        from dlcli.artifacts import tflite

        return tflite.load(file, num_threads)
    if format_name == "onnx":
        from dlcli.artifacts import onnx

        return onnx.load(file, num_threads)
    if format_name == "saved-model":
        from dlcli.artifacts import saved_model

        return saved_model.load(file, trust=trust, num_threads=num_threads)
    from dlcli.artifacts import keras_file

    return keras_file.load(file, trust=trust, num_threads=num_threads)


def metadata_of(path: Path) -> dict[str, Any]:
    """The metadata of what `load` would load, without running anything of its model.

    Raises:
        UsageError, ArtifactError: see `load`.
    """
    from dlcli.artifacts import metadata

    format_name, file = identify(path)
    if format_name == "saved-model":
        from dlcli.artifacts import saved_model

        return saved_model.read_metadata(file)
    if format_name in {"keras", "tflite"}:
        return metadata.read_from_zip(file)
    return load(path).metadata


def identify(path: Path) -> tuple[str, Path]:
    """The format of what is at the path, and the file to load.

    Raises:
        UsageError: there is nothing at the path, or no artifact.
        RunBusyError: a run that is being trained.
        DlcliError: a run that has no model, and is not.
    """
    if not path.exists():
        raise UsageError(f"there is no run and no file '{path}'.", "List the runs: dlcli runs list")
    if path.is_dir():
        if (path / "saved_model.pb").is_file():
            return "saved-model", path
        if (path / "recipe.yaml").is_file():
            if not (path / "model.keras").is_file():
                if holder := RunDir(path).holder():
                    raise RunBusyError(
                        f"run {path.name} has no model yet: it is being trained by {holder}.",
                        "Wait for it to end.",
                    )
                raise DlcliError(
                    f"run {path.name} has no model yet: its training did not end.",
                    f"Go on with it: dlcli train --resume {RunDir(path).reference()}",
                )
            return "keras", path / "model.keras"
    elif not path.is_file():
        raise UsageError(f"'{path}' is a device or a pipe. Expected a file.")
    elif _starts_with(path, b"TFL3", offset=4):
        return "tflite", path
    elif zipfile.is_zipfile(path) and "config.json" in zipfile.ZipFile(path).namelist():
        return "keras", path
    elif _starts_with(path, b"PK\x03\x04", offset=0) and not zipfile.is_zipfile(path):
        return "keras", path  # cut off; whoever reads it says so
    elif _is_onnx(path):
        return "onnx", path
    raise UsageError(
        f"'{path}' is none of the things that predict: a run directory, a .keras file, "
        "a SavedModel folder, a .tflite file, an .onnx file.",
        "Make one: dlcli export latest --format keras,saved-model,tflite",
    )


def size(path: Path) -> int:
    """Bytes of an artifact, of a folder those of all its files."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())


def _starts_with(path: Path, magic: bytes, offset: int) -> bool:
    return _head(path)[offset:].startswith(magic)


def _is_onnx(path: Path) -> bool:
    """Whether a file begins as the message ModelProto does: it has no magic number.

    Its first field is the version of the format, a small number, and its second the name of
    the program that made it.
    """
    head = _head(path)
    return len(head) == _HEAD and head[0] == 0x08 and head[1] < 64 and head[2] == 0x12


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_HEAD)
    except OSError as error:
        raise ArtifactError(f"{path} cannot be read: {error.strerror}.") from None
