"""TFLite: runs on phones and boards, and everywhere with LiteRT; builtin operators only."""

from __future__ import annotations

import re
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from dlcli.artifacts import metadata, numbers
from dlcli.artifacts.keras_file import input_spec
from dlcli.errors import ArtifactError
from dlcli.export import operators, recurrent, streaming
from dlcli.export.numeric import numeric
from dlcli.inputs.examples import Examples

_LARGEST_SCALE = 1e6  # of int8: numbers up to 2.5e8


def write(
    model: keras.Model,
    document: dict[str, Any],
    path: Path,
    *,
    quantize: str = "none",
    batch: int | None = None,
    calibration: Examples | None = None,
) -> None:
    """Write the model as a TFLite file with its metadata and labels inside.

    Its input is numbers alone: of a table the matrix `columns`, of a text `token_ids`; see
    `dlcli.artifacts.numbers`. Quantized files keep the types of input and output. A text
    generator is one step: see `dlcli.export.streaming`.

    Args:
        model: end-to-end model.
        document: metadata.
        path: ends in `.tflite`.
        quantize: "none", "float16", "dynamic" (int8 weights alone) or "int8".
        batch: the only batch size that it is to take, or None for any.
        calibration: raw examples of the train split, from which int8 learns its scales.

    Raises:
        ArtifactError: the model needs operators that plain TFLite lacks, or cannot be
            quantized in this way.
    """
    spec: Any  # a tf.TensorSpec, or of a step a dict of them
    if streaming.is_for(document):
        rewritten, spec = streaming.step_and_signature(model, document, quantize, batch)
    else:
        rewritten, spec = _whole(model, quantize, batch)
    with tempfile.TemporaryDirectory() as folder:
        archive = keras.export.ExportArchive()
        archive.track(rewritten)
        archive.add_endpoint(
            "serving_default",
            lambda raw: _named(rewritten(raw, training=False), document),
            input_signature=[spec],
        )
        archive.write_out(folder, verbose=False)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
        if quantize != "none":
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        if quantize == "float16":
            converter.target_spec.supported_types = [tf.float16]
        if quantize == "int8" and calibration is not None:
            array = numbers.reader(document["input"])(calibration)
            converter.representative_dataset = lambda: _batches(array, spec.name, batch)
        try:
            with warnings.catch_warnings():
                # The calibrator's, of TensorFlow's own interpreter; not a user's matter.
                warnings.simplefilter("ignore")
                content = converter.convert()
        except Exception as error:  # noqa: BLE001 - the converter raises plain exceptions
            raise _refused(str(error)) from None
    if custom := [name for name in operators.of_tflite(content) if name.startswith("custom:")]:
        raise _refused(f"custom op: {', '.join(custom)}")
    if quantize == "int8" and operators.largest_scale(content) > _LARGEST_SCALE:
        raise ArtifactError(
            "the model cannot be int8: beside numbers as large as the masks of attention, -1e9, "
            "all others would be rounded to 0.",
            "Choose --quantize dynamic or float16.",
        )
    path.write_bytes(content)
    metadata.append_to_zip(path, document, **metadata.texts(document))


def _whole(model: keras.Model, quantize: str, batch: int | None) -> tuple[keras.Model, Any]:
    """The numeric part of the model in a form that converts, and its input."""
    part = numeric(model)
    if quantize == "int8" and batch and recurrent.is_recurrent(part):
        # The converter's calibrator crashes on a loop whose shapes are all fixed.
        raise ArtifactError(
            "a recurrent network cannot be both int8 and of a fixed batch size.",
            "Leave out --batch, or choose --quantize dynamic.",
        )
    spec = input_spec(part)
    spec = tf.TensorSpec([batch, *spec.shape[1:]], spec.dtype, spec.name)
    return recurrent.rewritten(part, fuse=quantize != "int8"), spec


def _named(answer: Any, document: dict[str, Any]) -> dict[str, Any]:
    """The outputs of the signature; those of a step have their names already."""
    return answer if isinstance(answer, dict) else {metadata.output_name(document): answer}


def _batches(array: np.ndarray, name: str, batch: int | None) -> Iterator[dict[str, np.ndarray]]:
    size = batch or 1
    for start in range(0, len(array) - size + 1, size):
        yield {name: array[start : start + size]}


def _refused(text: str) -> ArtifactError:
    """The error of an operator that plain TFLite lacks, or of anything else."""
    found = re.search(r"(?:Flex|[Cc]ustom|TF Select) ops?: ([^\n]+)", text)
    if found:
        names = ", ".join(sorted(set(found[1].split(", "))))
        reason = f"it needs {names}"
    else:
        reason = next(iter(text.strip().splitlines()), "the converter gave no reason")
    return ArtifactError(
        f"the model cannot be made of builtin TFLite operators: {reason}.",
        "Choose another format: --format onnx or saved-model.",
    )
