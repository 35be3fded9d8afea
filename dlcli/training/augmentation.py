"""Random changes of training images, driven by draws that come with each example."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

import numpy as np
import tensorflow as tf

from dlcli.recipe.sections.image import Augmentation

_Draws = dict[str, tf.Tensor]  # (batch,) each

# One a kind of change, in this order. More may follow: the draws before them stay what they are.
DRAWS = (
    "flip", "shift_y", "shift_x", "angle", "zoom", "brightness", "contrast", "crop_area",
    "crop_aspect", "crop_y", "crop_x", "saturation", "hue",
)  # fmt: skip
NUM_DRAWS = len(DRAWS)

_LOG_ASPECT = math.log(4 / 3)  # of a crop, to both sides
# Luma and the two axes of colour (NTSC, 1953), and back.
_YIQ = ((0.299, 0.587, 0.114), (0.5959, -0.2746, -0.3213), (0.2115, -0.5227, 0.3112))
_RGB = tuple(tuple(map(float, row)) for row in np.linalg.inv(_YIQ))


# Words of two sides; the short ones only count where they stand alone.
_SIDES = (
    *(("left", "right"), ("links", "rechts"), ("linke", "rechte"), ("gauche", "droite")),
    *(("izquierd", "derech"), ("sinistr", "destr"), ("esquerd", "direit"), ("西", "东")),
    *(("лев", "прав"), ("左", "右"), ("왼", "오른"), ("east", "west"), ("port", "starboard")),
    *(("lew", "praw"), ("lev", "prav"), ("lev", "desn"), ("venstre", "højre"), ("bal", "jobb")),
    *(("venstre", "høyre"), ("vänster", "höger"), ("vasen", "oikea"), ("sol", "sağ")),
    *(("stâng", "drept"), ("stânga", "dreapta"), ("αριστερ", "δεξι"), ("лів", "прав")),
    *(("ляв", "десен"), ("ляво", "дясно"), ("лев", "десн"), ("שמאל", "ימין"), ("يسار", "يمين")),
    *(("أيسر", "أيمن"), ("چپ", "راست"), ("बाएं", "दाएं"), ("बाएँ", "दाएँ"), ("बायाँ", "दायाँ")),
    *(("ซ้าย", "ขวา"), ("trái", "phải"), ("kiri", "kanan"), ("ost", "west"), ("oeste", "este")),
    *(("←", "→"), ("⬅", "➡"), ("👈", "👉"), ("lt", "rt"), ("sx", "dx"), ("os", "od")),
    *(("counterclockwise", "clockwise"), ("anticlockwise", "clockwise"), ("ccw", "cw")),
    *(("l", "r"), ("e", "w"), ("b", "d"), ("p", "q"), ("lh", "rh")),
)
_LONG = 3  # letters of a word that counts inside of another


def mirrored(class_names: Sequence[str]) -> tuple[str, str] | None:
    """Two classes whose names say that one is the mirror image of the other, or None."""
    by_words = {tuple(_words(name)): name for name in class_names}
    for words, name in by_words.items():
        for one, other in _SIDES:
            for source, target in ((one, other), (other, one)):
                turned = tuple(_turned(word, source, target) for word in words)
                if turned != words and turned in by_words:
                    return name, by_words[turned]
    return None


def _words(name: str) -> list[str]:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    # Whatever is no punctuation: in some scripts the vowels are marks, and no letters.
    return re.findall(r"[^\s\d!-/:-@\[-`{-~]+|\d+", spaced.lower())


def _turned(word: str, source: str, target: str) -> str:
    if len(source) >= _LONG or not source.isascii():
        return word.replace(source, target)
    return target if word == source else word


def is_needed(options: Augmentation) -> bool:
    """Whether the options change any image."""
    return options != Augmentation()


def augment(images: tf.Tensor, draws: tf.Tensor, options: Augmentation) -> tf.Tensor:
    """Change each image by its own draws.

    Geometry is one bilinear warp an image; pixels from outside repeat the border.

    Args:
        images: uint8 (batch, height, width, channels).
        draws: float32 (batch, NUM_DRAWS) in [0, 1).

    Returns:
        uint8, of the same shape.
    """
    by_name = dict(zip(DRAWS, tf.unstack(draws, axis=1), strict=True))
    # In [-1, 1).
    signed = {name: draw * 2 - 1 for name, draw in by_name.items()}
    pixels = tf.cast(images, tf.float32)  # the warp of integers would round down
    if any((options.horizontal_flip, options.crop, options.shift, options.rotation, options.zoom)):
        pixels = _warp(pixels, by_name, signed, options)
    if options.brightness or options.contrast:
        contrast = 1 + options.contrast * signed["contrast"][:, None, None, None]
        mean = tf.reduce_mean(pixels, axis=[1, 2, 3], keepdims=True)
        pixels = (pixels - mean) * contrast + mean
        pixels += 255 * options.brightness * signed["brightness"][:, None, None, None]
    if (options.saturation or options.hue) and images.shape[-1] == 3:
        pixels = _recolored(pixels, signed, options)
    return tf.cast(tf.round(tf.clip_by_value(pixels, 0, 255)), tf.uint8)


def _warp(pixels: tf.Tensor, draws: _Draws, signed: _Draws, options: Augmentation) -> tf.Tensor:
    shape = tf.shape(pixels)
    height, width = tf.cast(shape[1], tf.float32), tf.cast(shape[2], tf.float32)
    center_y, center_x = (height - 1) / 2, (width - 1) / 2
    flip = draws["flip"]
    mirror = tf.where(flip < 0.5, -1.0, 1.0) if options.horizontal_flip else tf.ones_like(flip)
    angle = signed["angle"] * (options.rotation * math.pi / 180)
    scale = 1 / (1 + options.zoom * signed["zoom"])
    cos, sin = tf.cos(angle) * scale, tf.sin(angle) * scale
    # The crop, as shares of height and width, and where its centre is.
    area = 1 - options.crop * draws["crop_area"]
    aspect = tf.exp(signed["crop_aspect"] * _LOG_ASPECT) if options.crop else 1.0
    share_y = tf.minimum(tf.sqrt(area / aspect), 1.0)
    share_x = tf.minimum(tf.sqrt(area * aspect), 1.0)
    move_y = signed["crop_y"] * (1 - share_y) / 2 - signed["shift_y"] * options.shift
    move_x = signed["crop_x"] * (1 - share_x) / 2 - signed["shift_x"] * options.shift
    # Output p is read at A (share * (p - center) + move) + center; the last two entries
    # of the eight make it projective and stay 0.
    a, b, c, d = cos * mirror, -sin * mirror, sin, cos
    from_x, from_y = move_x * width - share_x * center_x, move_y * height - share_y * center_y
    zeros = tf.zeros_like(a)
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=pixels,
        transforms=tf.stack(
            [
                a * share_x,
                b * share_y,
                a * from_x + b * from_y + center_x,
                c * share_x,
                d * share_y,
                c * from_x + d * from_y + center_y,
                zeros,
                zeros,
            ],
            axis=1,
        ),
        output_shape=shape[1:3],
        interpolation="BILINEAR",
        fill_mode="NEAREST",
        fill_value=0.0,
    )


def _recolored(pixels: tf.Tensor, signed: _Draws, options: Augmentation) -> tf.Tensor:
    """Stretch and turn the plane of colours; the luma of a pixel stays."""
    saturation = 1 + options.saturation * signed["saturation"]
    angle = 2 * math.pi * options.hue * signed["hue"]
    cos, sin = (
        (saturation * turn(angle))[:, None, None] for turn in (tf.cos, tf.sin)
    )  # (batch, 1, 1)
    # Sums of channels and no matrix product, whose last bit depends on the size of the batch.
    luma, i, q = (_mixed(tf.unstack(pixels, axis=-1), weights) for weights in _YIQ)
    planes = (luma, cos * i - sin * q, sin * i + cos * q)
    return tf.stack([_mixed(planes, weights) for weights in _RGB], axis=-1)


def _mixed(planes: Sequence[tf.Tensor], weights: Iterable[float]) -> tf.Tensor:
    return tf.add_n([plane * weight for plane, weight in zip(planes, weights, strict=True)])
