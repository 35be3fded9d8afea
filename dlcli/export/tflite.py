"""TFLite: runs on phones and boards, and everywhere with LiteRT; builtin operators only."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from dlcli.artifacts import metadata
from dlcli.artifacts.keras_file import input_spec
from dlcli.errors import ArtifactError
from dlcli.export import streaming

FILE_NAME = "model.tflite"


def write(model: keras.Model, document: dict[str, Any], path: Path) -> None:
    """Write the model as a TFLite file with its metadata and `labels.txt` inside.

    A table is one input there, `columns`: see `dlcli.inputs.columns.matrix`. A text generator
    is one step: see `dlcli.export.streaming`.

    Args:
        model: end-to-end model.
        document: metadata.
        path: ends in `.tflite`.

    Raises:
        ArtifactError: the model needs operators that plain TFLite lacks.
    """
    if streaming.is_for(document):
        streaming.write(model, document, path)
        return
    numeric = _numeric(model)
    with tempfile.TemporaryDirectory() as folder:
        archive = keras.export.ExportArchive()
        archive.track(numeric)
        archive.add_endpoint(
            "serving_default",
            lambda raw: {metadata.output_name(document): numeric(raw, training=False)},
            input_signature=[input_spec(numeric)],
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
    labels = {"labels.txt": "\n".join(document["class_names"])} if document["class_names"] else {}
    metadata.append_to_zip(path, document, **labels)


def _numeric(model: keras.Model) -> keras.Model:
    """The end-to-end model, without what needs strings where it takes some."""
    preprocessor = model.get_layer("preprocessor")
    if all(layer.name != "numeric" for layer in preprocessor.layers):
        return model
    numeric = preprocessor.get_layer("numeric")
    return keras.Model(numeric.input, model.get_layer("core")(numeric.output))
