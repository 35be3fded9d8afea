"""The embedding projector: vectors of words, and of examples just before the answer.

The page reads a configuration and tables of its own, not the event files, and no checkpoint of
Keras. Without labels beside them the points of a projection say nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from PIL import Image

from dlcli.inputs.examples import Examples, spread, take
from dlcli.inputs.text import Tokenizer
from dlcli.tensorboard.shown import Shown

NUM_EXAMPLES = 1000
_NUM_WORDS = 5000
_BATCH = 128
_SPRITE_SIDE = 48  # pixels of a picture's thumbnail


def write(folder: Path, core: keras.Model, preprocessor: keras.Model, shown: Shown) -> None:
    """Write the tables and the configuration, where the model has vectors that can be named."""
    entries = [*_words(folder, core, preprocessor), *_examples(folder, core, preprocessor, shown)]
    if entries:
        (folder / "projector_config.pbtxt").write_text("".join(entries), encoding="utf-8")


def _words(folder: Path, core: keras.Model, preprocessor: keras.Model) -> list[str]:
    """The vectors of the most frequent words."""
    layers = {layer.name: layer for layer in core.layers}
    cutter = tokenizer(preprocessor)
    if "embedding" not in layers or cutter is None:
        return []
    words = cutter.vocabulary[:_NUM_WORDS]
    vectors = np.asarray(layers["embedding"].get_weights()[0])
    first = len(vectors) - len(cutter.vocabulary)  # after padding and unknown words
    columns = {"word": words, "place by frequency": range(1, len(words) + 1)}
    return [_entry(folder, "words", vectors[first : first + len(words)], columns)]


def _examples(
    folder: Path, core: keras.Model, preprocessor: keras.Model, shown: Shown
) -> list[str]:
    """What the last layer sees of examples, with their classes."""
    heads, judged = [layer for layer in core.layers if layer.name == "scores"], shown.judged
    if judged is None or not heads or len(heads[0].input.shape) != 2:
        return []
    positions = spread(len(shown.split), NUM_EXAMPLES)
    raw, _ = shown.split.gather(positions)
    given = shown.split.affines.examples(raw)
    before = keras.Model(core.input, heads[0].input)
    vectors = [
        np.asarray(before(numbers(preprocessor, take(given, part)), training=False))
        for part in np.array_split(np.arange(len(positions)), -(-len(positions) // _BATCH))
    ]
    truth, predicted, _ = zip(*map(judged.describe, positions), strict=True)
    columns = {
        "class": truth,
        "predicted": predicted,
        "right": ["wrong" if mistake else "right" for mistake in judged.is_mistake[positions]],
        "example": [shown.split.name(position) for position in positions],
    }
    sprite = isinstance(raw, np.ndarray) and raw.dtype == np.uint8 and raw.ndim == 4
    if sprite:
        _sprite(raw, folder / "examples.png")
    return [_entry(folder, "examples", np.concatenate(vectors), columns, sprite)]


def tokenizer(preprocessor: keras.Model) -> Tokenizer | None:
    """What cuts texts into words, of a preprocessor that does."""
    tokens = next((layer for layer in preprocessor.layers if layer.name == "tokens"), None)
    return getattr(tokens, "tokenizer", None)


def numbers(preprocessor: keras.Model, raw: Examples) -> tf.Tensor:
    """Raw examples as a core takes them."""
    return preprocessor(keras.tree.map_structure(tf.convert_to_tensor, raw), training=False)


def _entry(
    folder: Path,
    name: str,
    vectors: np.ndarray,
    columns: Mapping[str, Sequence[object]],
    sprite: bool = False,
) -> str:
    """Write one table of vectors and its labels; its lines of the configuration.

    Args:
        vectors: float (num_points, size).
        columns: a value for each point, the first one its label.
        sprite: whether there is a picture of each point, in `<name>.png`.
    """
    np.savetxt(folder / f"{name}.tsv", vectors, fmt="%.5g", delimiter="\t")
    lines = ["\t".join(columns), *map("\t".join, zip(*map(_cells, columns.values()), strict=True))]
    (folder / f"{name}-labels.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    pictures = (
        f'  sprite {{\n    image_path: "{name}.png"\n'
        f"    single_image_dim: {_SPRITE_SIDE}\n    single_image_dim: {_SPRITE_SIDE}\n  }}\n"
    )
    return (
        f'embeddings {{\n  tensor_name: "{name}"\n  tensor_path: "{name}.tsv"\n'
        f'  metadata_path: "{name}-labels.tsv"\n{pictures if sprite else ""}}}\n'
    )


def _cells(values: Sequence[object]) -> list[str]:
    """Each value in one line, without tabs; one that is blank would be a line left out."""
    return [" ".join(str(value).split()) or repr(value) for value in values]


def _sprite(pictures: np.ndarray, path: Path) -> None:
    """Write thumbnails of pictures (num_pictures, height, width, channels) side by side."""
    side = math.ceil(math.sqrt(len(pictures)))
    sheet = Image.new("RGB", (side * _SPRITE_SIDE, side * _SPRITE_SIDE), "white")
    for place, pixels in enumerate(pictures):
        picture = Image.fromarray(pixels.squeeze(-1) if pixels.shape[-1] == 1 else pixels)
        picture = picture.convert("RGB").resize((_SPRITE_SIDE, _SPRITE_SIDE))
        sheet.paste(picture, (place % side * _SPRITE_SIDE, place // side * _SPRITE_SIDE))
    sheet.save(path)
