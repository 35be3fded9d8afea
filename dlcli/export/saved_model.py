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
convenience: it decodes and resizes with TensorFlow, some grey levels apart from Pillow.
Transparency and bit depth are treated as `dlcli.inputs.images` does, but EXIF rotation and
the one transparent colour that GIF files, and PNG files without a palette, may have are ignored.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from dlcli import kinds
from dlcli.artifacts.keras_file import input_spec
from dlcli.artifacts.metadata import output_name
from dlcli.artifacts.saved_model import ENCODED, METADATA, SIGNATURE
from dlcli.inputs import images


def write(model: keras.Model, document: dict[str, Any], path: Path) -> None:
    """Write the model as a SavedModel folder with its metadata in `assets.extra`.

    Args:
        path: a folder that does not exist yet.
    """
    spec = input_spec(model)

    def answer(raw: Any) -> dict[str, tf.Tensor]:
        outputs = {output_name(document): model(raw, training=False)}
        if kinds.output_of(document["task"]).names_class:
            best = tf.argmax(outputs[output_name(document)], axis=-1)
            outputs["class_name"] = tf.gather(tf.constant(document["class_names"]), best)
        return outputs

    def answer_encoded(image_bytes: tf.Tensor) -> dict[str, tf.Tensor]:
        pictures = tf.map_fn(
            lambda data: _decode(data, document["input"]), image_bytes, fn_output_signature=tf.uint8
        )
        pictures.set_shape([None, *spec.shape[1:]])
        return answer(pictures)

    archive = keras.export.ExportArchive()
    archive.track(model)
    archive.add_endpoint(SIGNATURE, answer, input_signature=[spec])
    if kinds.for_task(document["task"]).takes_image_files:
        encoded_spec = tf.TensorSpec([None], tf.string, "image_bytes")
        archive.add_endpoint(ENCODED, answer_encoded, input_signature=[encoded_spec])
    archive.write_out(str(path), verbose=False)
    (path / METADATA).parent.mkdir()
    (path / METADATA).write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")


def _decode(data: tf.Tensor, options: dict[str, Any]) -> tf.Tensor:
    """One encoded image, string (), to uint8 (height, width, channels)."""
    height, width, channels = options["shape"]
    image = tf.cast(tf.io.decode_image(data, channels=0, expand_animations=False), tf.int32)
    if (bit_depth := options.get("bit_depth", 16)) < 16:
        is_png_16 = tf.logical_and(_bytes(data, 1, 3) == b"PNG", _bytes(data, 24, 1) == b"\x10")
        image = tf.cond(is_png_16, lambda: _of_16_bits(data, bit_depth), lambda: image)
    image = _opaque(image, _bytes(data, 0, 2) == b"BM", options.get("background", "white"))
    if channels == 1:
        # Pillow's luma in whole numbers (ITU-R 601), rounded.
        weights = tf.constant([19595, 38470, 7471])
        luma = tf.reduce_sum(image * weights, axis=-1, keepdims=True)
        image = tf.bitwise.right_shift(luma + 32768, 16)
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
        # Not `resize_with_pad`, which may put the picture a pixel beside where Pillow does.
        size = tf.cast(tf.shape(image)[:2], tf.float64)
        scale = tf.reduce_min(tf.constant([height, width], tf.float64) / size)
        inner = tf.maximum(tf.cast(tf.round(size * scale), tf.int32), 1)
        image = tf.image.resize(image, inner, antialias=True)
        top, left = (height - inner[0]) // 2, (width - inner[1]) // 2
        image = tf.image.pad_to_bounding_box(image, top, left, height, width)
    else:
        image = tf.image.resize(image, [height, width], antialias=True)
    return tf.cast(tf.clip_by_value(tf.round(image), 0, 255), tf.uint8)


def _bytes(data: tf.Tensor, start: int, count: int) -> tf.Tensor:
    """Some bytes of a file; of a shorter one none."""
    is_long = tf.strings.length(data) >= start + count
    return tf.cond(is_long, lambda: tf.strings.substr(data, start, count), lambda: b"")


def _of_16_bits(data: tf.Tensor, bit_depth: int) -> tf.Tensor:
    """A PNG of 16 bits a channel as int32 (height, width, channels), 0 to 255."""
    values = tf.io.decode_image(data, channels=0, dtype=tf.uint16, expand_animations=False)
    return tf.minimum(tf.bitwise.right_shift(tf.cast(values, tf.int32), bit_depth - 8), 255)


def _opaque(image: tf.Tensor, is_bmp: tf.Tensor, background: images.Background) -> tf.Tensor:
    """Lay a picture over the background.

    Args:
        image: int32 (height, width, channels), of gray or RGB, the last one perhaps alpha.
        is_bmp: bool (); what alpha says there means nothing in most files.
        background: what shows through.

    Returns:
        int32 (height, width, 3).
    """
    shape = tf.shape(image)
    has_alpha = shape[-1] % 2 == 0
    color = image[..., : shape[-1] - tf.cast(has_alpha, tf.int32)] + tf.zeros([3], tf.int32)
    alpha = tf.cond(
        tf.logical_and(has_alpha, tf.logical_not(is_bmp)),
        lambda: tf.cast(image[..., -1:], tf.float32) / 255,
        lambda: tf.ones([shape[0], shape[1], 1]),
    )
    laid = tf.cast(color, tf.float32) * alpha + images.SHADES[background] * (1 - alpha)
    return tf.cast(tf.round(laid), tf.int32)
