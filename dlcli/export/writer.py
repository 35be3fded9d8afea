"""The process that has TensorFlow: it answers for the model and writes the artifacts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np

from dlcli.artifacts import keras_file as keras_artifact
from dlcli.errors import ArtifactError
from dlcli.export import checker, keras_file, onnx, saved_model, tflite
from dlcli.export.target import Target
from dlcli.inputs import examples


def run(job: dict[str, Any], tell: Callable[[dict[str, Any]], None]) -> None:
    """Answer with the model, then write each target.

    Args:
        job: "model", a `.keras` file; "examples", a file of raw ones, and "expected", where
            the model's answers go; "calibration", a file of raw ones or None; and "targets",
            pairs of the fields of a `Target` and the path to write.
        tell: told "metadata" with the answers; {"doing": ...} before each target, and after it
            {"written": file name} or {"refused": why, "hint": what to do}.
    """
    # Traced on the CPU, so that a GPU's kernels do not get into the file.
    with keras.device("cpu:0"):
        model = keras_artifact.load(Path(job["model"]))
        raw = examples.read(Path(job["examples"]))
        tell({"doing": "answering with the model"})
        np.save(job["expected"], checker.in_batches(model, raw))
        tell({"metadata": model.metadata})
        calibration = job["calibration"] and examples.read(Path(job["calibration"]))
        for fields, path in job["targets"]:
            target = Target(**fields)
            tell({"doing": f"writing {target.title}"})
            try:
                _write(model.model, model.metadata, Path(path), target, calibration)
            except ArtifactError as error:
                tell({"refused": error.message, "hint": error.hint})
            else:
                tell({"written": target.file_name})


def _write(
    model: keras.Model,
    document: dict[str, Any],
    path: Path,
    target: Target,
    calibration: examples.Examples | None,
) -> None:
    if target.format == "keras":
        keras_file.write(model, document, path)
    elif target.format == "saved-model":
        saved_model.write(model, document, path)
    elif target.format == "onnx":
        onnx.write(model, document, path, batch=target.batch)
    else:
        tflite.write(
            model,
            document,
            path,
            quantize=target.quantize,
            batch=target.batch,
            calibration=calibration,
        )
