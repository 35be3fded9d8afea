"""SavedModel: runs with TensorFlow alone, and under TensorFlow Serving.

Signatures:

    serving_default  of images: image uint8 (batch, height, width, channels)
                     of tables: each column by its key, float32 or string (batch,)
                     of running texts: text string (batch,), UTF-8
                     of series: series or sequence float32 (batch, steps, channels)
    encoded          of images: image_bytes string (batch,): JPEG, PNG, GIF, BMP or WebP files

They give `probabilities` float32 (batch, num_classes) and `class_name` string
(batch,), or for a regression `prediction` float32 (batch, 1), for a forecast
(batch, horizon, num_targets), in original units. Columns and targets in the entry `affine` of the
metadata are (value - offset) / scale here: see `dlcli.inputs.affine`. Of a running text the first
two have an axis of steps after the first: what follows each of its characters. `encoded` is a
convenience: it ignores EXIF rotation, and decodes and resizes with TensorFlow, some grey levels
apart from Pillow.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from dlcli.artifacts.keras_file import input_spec
from dlcli.artifacts.metadata import output_name
from dlcli.artifacts.saved_model import METADATA, SIGNATURE


def write(model: keras.Model, document: dict[str, Any], path: Path) -> None:
    """Write the model as a SavedModel folder with its metadata in `assets.extra`.

    Args:
        model: end-to-end model.
        document: metadata.
        path: a folder that does not exist yet.
    """
    spec = input_spec(model)

    def answer(raw: Any) -> dict[str, tf.Tensor]:
        outputs = {output_name(document): model(raw, training=False)}
        if document["class_names"]:
            best = tf.argmax(outputs["probabilities"], axis=-1)
            outputs["class_name"] = tf.gather(tf.constant(document["class_names"]), best)
        return outputs

    def answer_encoded(image_bytes: tf.Tensor) -> dict[str, tf.Tensor]:
        images = tf.map_fn(
            lambda data: _decode(data, document["input"]), image_bytes, fn_output_signature=tf.uint8
        )
        images.set_shape([None, *spec.shape[1:]])
        return answer(images)

    archive = keras.export.ExportArchive()
    archive.track(model)
    archive.add_endpoint(SIGNATURE, answer, input_signature=[spec])
    if document["input"]["kind"] == "image":
        encoded_spec = tf.TensorSpec([None], tf.string, "image_bytes")
        archive.add_endpoint("encoded", answer_encoded, input_signature=[encoded_spec])
    archive.write_out(str(path), verbose=False)
    (path / METADATA).parent.mkdir()
    (path / METADATA).write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")


def _decode(data: tf.Tensor, options: dict[str, Any]) -> tf.Tensor:
    """One encoded image, string (), to uint8 (height, width, channels)."""
    height, width, channels = options["shape"]
    image = tf.io.decode_image(data, channels=channels, expand_animations=False)
    image.set_shape([None, None, channels])
    if options["resize"] == "crop":
        size = tf.shape(image)
        # The largest centred box of the wanted aspect ratio.
        crop_height = tf.minimum(size[0], size[1] * height // width)
        crop_width = tf.minimum(size[1], size[0] * width // height)
        image = tf.image.crop_to_bounding_box(
            image,
            (size[0] - crop_height) // 2,
            (size[1] - crop_width) // 2,
            crop_height,
            crop_width,
        )
    if options["resize"] == "pad":
        image = tf.image.resize_with_pad(image, height, width, antialias=True)
    else:
        image = tf.image.resize(image, [height, width], antialias=True)
    return tf.cast(tf.clip_by_value(tf.round(image), 0, 255), tf.uint8)
