"""TFLite: runs on phones and boards, and everywhere with LiteRT; builtin operators only."""

from __future__ import annotations

import re
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from dlcli.artifacts import metadata, numbers
from dlcli.errors import ArtifactError
from dlcli.export import operators, parts, recurrent, streaming, tflite_join
from dlcli.export.numeric import numeric
from dlcli.inputs import affine
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
        path: ends in `.tflite`.
        quantize: "none", "float16", "dynamic" (int8 weights alone) or "int8".
        batch: the only batch size that it is to take, or None for any.
        calibration: raw examples of the train split, from which int8 learns its scales.

    Raises:
        ArtifactError: the model needs operators that plain TFLite lacks, or cannot be
            quantized in this way.
    """
    if streaming.is_for(document):
        step, signature = streaming.step_and_signature(model, document, quantize, batch)
        content = _converted(lambda raw: step(raw, training=False), step, signature, quantize)
    else:
        content = _whole(model, document, quantize, batch, calibration)
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


def _check_types(content: bytes, quantize: str) -> None:
    """Check that the part with the weights has the types that the name of the file promises."""
    if quantize == "none":
        return
    constants, others = operators.types_of_tflite(content)
    promised = constants["FLOAT16" if quantize == "float16" else "INT8"]
    left = constants["FLOAT32"]
    if promised < left:
        raise ArtifactError(
            f"the file would not be {quantize}: {left:,} of its {promised + left:,} weights stay "
            "float32. Dynamic quantization leaves arrays of fewer than 1,024 numbers and some "
            "operators as they are.",
            "Choose --quantize float16 or int8, or none.",
        )
    if quantize == "int8" and not others["INT8"]:
        raise ArtifactError(
            "the file would not be int8: it computes in float32, and only its weights are int8.",
            "Choose --quantize dynamic, which promises no more.",
        )


def _whole(
    model: keras.Model,
    document: dict[str, Any],
    quantize: str,
    batch: int | None,
    calibration: Examples | None,
) -> bytes:
    """The numeric part of a model as a TFLite file; of it what has weights is quantized."""
    core = model.get_layer("core")
    if quantize == "int8" and batch and recurrent.is_recurrent(core):
        # The converter's calibrator crashes on a loop whose shapes are all fixed.
        raise ArtifactError(
            "a recurrent network cannot be both int8 and of a fixed batch size.",
            "Leave out --batch, or choose --quantize dynamic.",
        )
    output_name = metadata.output_name(document)
    if quantize == "none":
        whole = numeric(model)
        [entry], [answer] = whole.inputs, whole.outputs
        found = [parts.Part(keras.Model([entry], [answer]), (entry.name,), (output_name,), True)]
    else:
        found = parts.of(model, output_name)
    known: dict[str, np.ndarray] = {}
    if quantize == "int8" and calibration is not None:
        raw = affine.from_metadata(document).examples(calibration)
        known[found[0].inputs[0]] = numbers.reader(document["input"])(raw)
    contents = []
    for part in found:
        taken = {name: known[name] for name in part.inputs if name in known}
        if known:
            answers = part.model([taken[name] for name in part.inputs], training=False)
            known |= dict(
                zip(part.outputs, map(np.asarray, keras.tree.flatten(answers)), strict=True)
            )
        contents.append(_part(part, quantize if part.has_weights else "none", batch, taken))
    if len(contents) == 1:
        return contents[0]
    return tflite_join.joined(contents, found[0].inputs, [output_name])


def _part(
    part: parts.Part, quantize: str, batch: int | None, calibration: dict[str, np.ndarray]
) -> bytes:
    """One part as a TFLite file, in a form that converts."""
    rewritten = recurrent.rewritten(part.model, fuse=quantize != "int8")
    signature = {
        name: tf.TensorSpec([batch, *tensor.shape[1:]], tensor.dtype, name)
        for name, tensor in zip(part.inputs, part.model.inputs, strict=True)
    }

    def call(raw: dict[str, Any]) -> dict[str, Any]:
        answers = rewritten([raw[name] for name in part.inputs], training=False)
        return dict(zip(part.outputs, keras.tree.flatten(answers), strict=True))

    return _converted(call, rewritten, signature, quantize, calibration)


def _converted(
    call: Callable[[dict[str, Any]], dict[str, Any]],
    model: keras.Model,
    signature: dict[str, tf.TensorSpec],
    quantize: str,
    calibration: dict[str, np.ndarray] | None = None,
) -> bytes:
    """Convert a function of a model's weights.

    Args:
        model: whose weights it reads.
        calibration: arrays by the names of the signature, for int8.
    """
    with tempfile.TemporaryDirectory() as folder:
        archive = keras.export.ExportArchive()
        archive.track(model)
        archive.add_endpoint("serving_default", call, input_signature=[signature])
        archive.write_out(folder, verbose=False)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
        if quantize != "none":
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        if quantize == "float16":
            converter.target_spec.supported_types = [tf.float16]
        if quantize == "int8" and calibration:
            [size] = {spec.shape[0] or 1 for spec in signature.values()}
            converter.representative_dataset = lambda: _batches(calibration, size)
        try:
            with warnings.catch_warnings():
                # The calibrator's, of TensorFlow's own interpreter; not a user's matter.
                warnings.simplefilter("ignore")
                content: bytes = converter.convert()
        except Exception as error:  # noqa: BLE001 - the converter raises plain exceptions
            raise _refused(str(error)) from None
    _check_types(content, quantize)
    return content


def _batches(arrays: dict[str, np.ndarray], size: int) -> Iterator[dict[str, np.ndarray]]:
    """Cut arrays of the same length into batches; the last one begins again with the first rows."""
    count = len(next(iter(arrays.values())))
    for start in range(0, count, size):
        rows = np.arange(start, start + size) % count
        yield {name: values[rows] for name, values in arrays.items()}


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
