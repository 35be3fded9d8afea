"""The named inputs and outputs of a model, those of its SavedModel; see `dlcli.export.saved_model`.

Whatever the artifact is, it is spoken to like the SavedModel that `dlcli export` writes of it, but
for numbers that float32 does not hold (`dlcli.inputs.affine`): here they are float64 in their own
units, while the SavedModel itself takes and answers (value - offset) / scale.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from dlcli import kinds
from dlcli.inputs import affine

DEFAULT, ENCODED = "serving_default", "encoded"
IMAGE_BYTES, CLASS_NAME = "image_bytes", "class_name"

DType = Literal["float32", "float64", "uint8", "string"]


@dataclass(frozen=True)
class Tensor:
    """A named input or output.

    Args:
        dtype: of its values; a string is UTF-8 text, or bytes where its name ends in `_bytes`.
        shape: -1 where the size is free, as the batch is.
    """

    dtype: DType
    shape: tuple[int, ...]


@dataclass(frozen=True)
class Signature:
    """What a model takes and what it answers, by name."""

    inputs: Mapping[str, Tensor]
    outputs: Mapping[str, Tensor]


def of(document: Mapping[str, Any]) -> dict[str, Signature]:
    """The signatures of a model, by name."""
    outputs = _outputs(document)
    found = {DEFAULT: Signature(_inputs(document), outputs)}
    if kinds.for_task(document["task"]).takes_image_files:
        found[ENCODED] = Signature({IMAGE_BYTES: Tensor("string", (-1,))}, outputs)
    return found


def _inputs(document: Mapping[str, Any]) -> dict[str, Tensor]:
    form = document["input"]
    wide = {each.key for each in affine.from_metadata(document).inputs}
    if "columns" in form:
        return {column["key"]: Tensor(_dtype(column, wide), (-1,)) for column in form["columns"]}
    dtype: DType = "float64" if wide else form["dtype"]
    return {form["name"]: Tensor(dtype, (-1, *form["shape"]))}


def _dtype(column: Mapping[str, Any], wide: Container[str | int]) -> DType:
    if column["kind"] != "number":
        return "string"
    return "float64" if column["key"] in wide else "float32"


def _outputs(document: Mapping[str, Any]) -> dict[str, Tensor]:
    form, class_names = document["input"], document["class_names"]
    steps: tuple[int, ...] = (-1,) if form.get("predict") == "every-step" else ()
    output = kinds.output_of(document["task"])
    if class_names:
        named = {CLASS_NAME: Tensor("string", (-1, *steps))} if output.names_class else {}
        return {output.tensor: Tensor("float32", (-1, *steps, len(class_names))), **named}
    if "forecast" in document:
        forecast = document["forecast"]
        shape = (-1, forecast["horizon"], len(forecast["targets"]))
    else:
        shape = (-1, *form.get("picture_shape", [1]))
    is_wide = bool(affine.from_metadata(document).outputs)
    return {output.tensor: Tensor("float64" if is_wide else "float32", shape)}
