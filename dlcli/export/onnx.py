"""ONNX: runs with ONNX Runtime and whatever else reads the format."""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from dlcli.artifacts import metadata
from dlcli.artifacts.keras_file import input_spec
from dlcli.errors import ArtifactError
from dlcli.export import recurrent
from dlcli.export.numeric import numeric


def write(
    model: keras.Model, document: dict[str, Any], path: Path, *, batch: int | None = None
) -> None:
    """Write the model as an ONNX file with its metadata in `metadata_props`.

    Its input is numbers alone, as in a TFLite file.

    Args:
        path: ends in `.onnx`.
        batch: the only batch size that it is to take, or None for any.

    Raises:
        ArtifactError: the model cannot be converted.
    """
    import onnx

    part = recurrent.reversed_plainly(numeric(model))
    spec = input_spec(part)
    spec = tf.TensorSpec([batch, *spec.shape[1:]], spec.dtype, spec.name)
    try:
        with _convertible(part), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # tf2onnx uses names that NumPy will take away
            part.export(path, format="onnx", verbose=False, input_signature=[spec])
    except Exception as error:  # noqa: BLE001 - tf2onnx raises plain exceptions
        reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
        raise ArtifactError(
            f"the model cannot be converted to ONNX: {reason}", "Choose --format saved-model."
        ) from None
    converted = onnx.load(str(path))
    if others := [value.name for value in converted.graph.input if value.name != spec.name]:
        raise ArtifactError(
            f"the model cannot be converted to ONNX: {', '.join(others)} became inputs.",
            "Choose --format saved-model.",
        )
    _name_output(converted.graph, metadata.output_name(document))
    if batch is None:
        for value in (*converted.graph.input, *converted.graph.output):
            value.type.tensor_type.shape.dim[0].dim_param = "batch"
    onnx.helper.set_model_props(
        converted, {metadata.MEMBER: json.dumps(document, ensure_ascii=False)}
    )
    onnx.checker.check_model(converted)
    onnx.save(converted, str(path))


@contextmanager
def _convertible(model: keras.Model) -> Iterator[None]:
    """Replace for a while what tf2onnx 1.17 cannot convert by what is equal to it.

    Tensors that a layer holds, as the scaling does, would become inputs of the graph; and GELU
    is written with an operator, Erfc, that ONNX does not have.
    """
    before = []
    for layer in recurrent.layers(model):
        replaced: dict[str, Any] = {}
        if isinstance(layer, keras.layers.Normalization):
            replaced = {name: np.asarray(getattr(layer, name)) for name in ("mean", "variance")}
        elif getattr(layer, "activation", None) is keras.activations.gelu:
            replaced = {"activation": _gelu}
        for name, value in replaced.items():
            before.append((layer, name, getattr(layer, name)))
            setattr(layer, name, value)
    try:
        yield
    finally:
        for layer, name, value in before:
            setattr(layer, name, value)


def _gelu(x: tf.Tensor) -> tf.Tensor:
    """GELU by the error function (Hendrycks and Gimpel, 2016)."""
    return 0.5 * x * (1 + tf.math.erf(x / math.sqrt(2)))


def _name_output(graph: Any, name: str) -> None:
    """Call the only output as the other formats do."""
    [output] = graph.output
    for node in graph.node:
        node.output[:] = [name if each == output.name else each for each in node.output]
        node.input[:] = [name if each == output.name else each for each in node.input]
    output.name = name
