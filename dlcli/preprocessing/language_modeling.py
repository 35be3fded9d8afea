"""Running text to numbers."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from dlcli.data import DataSpec, Split
from dlcli.inputs.characters import NUM_RESERVED
from dlcli.inputs.windows import Windows
from dlcli.layers.character_tokens import CharacterTokens
from dlcli.recipe.sections.language_modeling import Data, Preprocessing


def adapt(options: Preprocessing, train: Split, spec: DataSpec) -> keras.Model:
    """Build the preprocessor; the characters were counted when the text was cut.

    Returns:
        Texts of any length, strings (batch,), to int32 tokens (batch, steps), 0 after the end of a
        text that is shorter than the longest.
    """
    inputs = keras.Input((), dtype="string", name="text")
    outputs = CharacterTokens(spec.class_names, dtype="int32", name="tokens")(inputs)
    return keras.Model(inputs, outputs, name="preprocessor")


def describe(
    data: Data, options: Preprocessing, spec: DataSpec, preprocessor: keras.Model
) -> dict[str, Any]:
    """The `input` entry of the metadata."""
    return {
        "name": "text",
        "shape": [],
        "dtype": "string",
        "characters": "".join(spec.class_names[NUM_RESERVED:]),
        "predict": options.predict,
        "sequence_length": options.sequence_length,
    }


def numbers(split: Split, preprocessor: keras.Model) -> Split:
    """See `dlcli.preprocessing.numbers`: the windows over the numbers of the text."""
    texts = split.inputs
    inputs = Windows(texts.ids, texts.starts, texts.length, np.int32, texts.slack)
    return Split(inputs, split.targets, split.rows, split.names)
