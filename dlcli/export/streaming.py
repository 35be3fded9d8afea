"""TFLite of a text generator: one step, its state an input and an output of the graph.

Signature `serving_default`: `token_ids` int32 (batch, 1) and each state by its name, float32
(batch, units), all zeros before a text, to `probabilities` float32 (batch, num_characters) of
the next character and each state by the same name, to be given back with it. The numbers of the
characters are their places in the member `vocabulary.json` of the file, see
`dlcli.inputs.characters`.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from dlcli import recipe as recipes
from dlcli.artifacts import metadata
from dlcli.errors import ArtifactError
from dlcli.tasks import step


def is_for(document: dict[str, Any]) -> bool:
    """Whether a model is exported step by step."""
    return bool(document["task"] == "text-generation")


def write(model: keras.Model, document: dict[str, Any], path: Path) -> None:
    """Write the step of a text generator with its metadata and `vocabulary.json` inside.

    Args:
        model: end-to-end model.
        document: metadata.
        path: ends in `.tflite`.

    Raises:
        ArtifactError: the step needs operators that plain TFLite lacks.
    """
    recipe = recipes.from_values(document["recipe"], "the recipe in the model")
    one_step = step.of(model, recipe, tuple(document["class_names"]))
    signature = {
        name: tf.TensorSpec([None, tensor.shape[1]], tensor.dtype, name)
        for name, tensor in one_step.input.items()
    }
    with tempfile.TemporaryDirectory() as folder:
        archive = keras.export.ExportArchive()
        archive.track(one_step)
        archive.add_endpoint(
            "serving_default",
            lambda inputs: one_step(inputs, training=False),
            input_signature=[signature],
        )
        archive.write_out(folder, verbose=False)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        try:
            content = converter.convert()
        except Exception as error:  # noqa: BLE001 - the converter raises plain exceptions
            reason = str(error).splitlines()[0]
            raise ArtifactError(
                f"the model cannot be converted to builtin TFLite operators: {reason}"
            ) from None
    path.write_bytes(content)
    vocabulary = json.dumps(document["class_names"], ensure_ascii=False)
    metadata.append_to_zip(path, document, **{"vocabulary.json": vocabulary})
