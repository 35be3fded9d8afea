"""TFLite: runs on phones and boards, and everywhere with LiteRT; builtin operators only."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from dlcli.artifacts import metadata
from dlcli.errors import ArtifactError
from dlcli.export.saved_model import input_spec

FILE_NAME = "model.tflite"


def write(model: keras.Model, document: dict[str, Any], path: Path) -> None:
    """Write the model as a TFLite file with its metadata and `labels.txt` inside.

    Args:
        model: end-to-end model.
        document: metadata.
        path: ends in `.tflite`.

    Raises:
        ArtifactError: the model needs operators that plain TFLite lacks.
    """
    with tempfile.TemporaryDirectory() as folder:
        archive = keras.export.ExportArchive()
        archive.track(model)
        archive.add_endpoint(
            "serving_default",
            lambda raw: {"probabilities": model(raw, training=False)},
            input_signature=[input_spec(model)],
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
    metadata.append_to_zip(path, document, **{"labels.txt": "\n".join(document["class_names"])})
