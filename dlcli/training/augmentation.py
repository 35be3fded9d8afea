"""Random changes of training images, driven by draws that come with each example."""

from __future__ import annotations

import math

import tensorflow as tf

from dlcli.sections.image import Augmentation

NUM_DRAWS = (
    8  # one a kind of change, and room: flip, shift y, shift x, angle, zoom, brightness, contrast
)


def is_needed(options: Augmentation) -> bool:
    """Whether the options change any image."""
    return options != Augmentation()


def augment(images: tf.Tensor, draws: tf.Tensor, options: Augmentation) -> tf.Tensor:
    """Change each image by its own draws.

    Geometry is one bilinear warp an image; pixels from outside repeat the border.

    Args:
        images: uint8 (batch, height, width, channels).
        draws: float32 (batch, NUM_DRAWS) in [0, 1).
        options: largest changes.

    Returns:
        uint8, of the same shape.
    """
    signed = draws * 2 - 1  # (batch, NUM_DRAWS) in [-1, 1)
    pixels = tf.cast(images, tf.float32)  # the warp of integers would round down
    if options.horizontal_flip or options.shift or options.rotation or options.zoom:
        pixels = _warp(pixels, draws[:, 0], signed, options)
    if options.brightness or options.contrast:
        contrast = 1 + options.contrast * signed[:, 6, None, None, None]
        mean = tf.reduce_mean(pixels, axis=[1, 2, 3], keepdims=True)
        pixels = (pixels - mean) * contrast + mean
        pixels += 255 * options.brightness * signed[:, 5, None, None, None]
    return tf.cast(tf.round(tf.clip_by_value(pixels, 0, 255)), tf.uint8)


def _warp(
    pixels: tf.Tensor, flip: tf.Tensor, signed: tf.Tensor, options: Augmentation
) -> tf.Tensor:
    shape = tf.shape(pixels)
    height, width = tf.cast(shape[1], tf.float32), tf.cast(shape[2], tf.float32)
    center_y, center_x = (height - 1) / 2, (width - 1) / 2
    mirror = tf.where(flip < 0.5, -1.0, 1.0) if options.horizontal_flip else tf.ones_like(flip)
    angle = signed[:, 3] * (options.rotation * math.pi / 180)
    scale = 1 / (1 + options.zoom * signed[:, 4])
    cos, sin = tf.cos(angle) * scale, tf.sin(angle) * scale
    move_y, move_x = signed[:, 1] * options.shift * height, signed[:, 2] * options.shift * width
    # Output (x, y) is read at A (x - center - move) + center; the last two entries
    # of the eight make it projective and stay 0.
    a, b, c, d = cos * mirror, -sin * mirror, sin, cos
    offset_x = center_x - a * (center_x + move_x) - b * (center_y + move_y)
    offset_y = center_y - c * (center_x + move_x) - d * (center_y + move_y)
    zeros = tf.zeros_like(a)
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=pixels,
        transforms=tf.stack([a, b, offset_x, c, d, offset_y, zeros, zeros], axis=1),
        output_shape=shape[1:3],
        interpolation="BILINEAR",
        fill_mode="NEAREST",
        fill_value=0.0,
    )
