"""Texts to numbers."""

from __future__ import annotations

from collections import Counter
from typing import Any

import keras
import numpy as np

from dlcli.data import DataSpec, Split, table_file
from dlcli.errors import DataError
from dlcli.inputs.text import Rules, Splitter
from dlcli.layers.text_tokens import TextTokens
from dlcli.recipe.sections.text import Data, Preprocessing

_COVERED = 0.95  # share of the train split's texts that the chosen length holds whole
_MAX_LENGTH = 512


def rules(options: Preprocessing) -> Rules:
    """How a recipe says that texts are cut into tokens."""
    return Rules(options.lower_case, options.strip_accents, options.split)


def adapt(options: Preprocessing, train: Split, spec: DataSpec) -> keras.Model:
    """Build the preprocessor: vocabulary and length are those of the train split alone.

    Returns:
        string (batch,) to int32 tokens (batch, length), 0 after the end of a text. The layer
        "tokens" says how many different ones there are.

    Raises:
        DataError: the texts have no token, or none often enough.
    """
    splitter = Splitter(rules(options))
    counts: Counter[str] = Counter()
    lengths = []
    for text in train.inputs[train.rows]:
        tokens = splitter.tokens(text)
        counts.update(tokens)
        lengths.append(len(tokens))
    # Equally frequent tokens by the alphabet: the order of the rows is to change nothing.
    order = sorted(counts, key=lambda token: (-counts[token], token))
    vocabulary = [token for token in order if counts[token] >= options.min_token_count]
    if not vocabulary:
        raise DataError(
            f"no token stands {options.min_token_count} times in the texts of the train split.",
            "Give more texts, or choose preprocessing.min_token_count=1.",
        )
    inputs = keras.Input((), dtype="string", name="text")
    layer = TextTokens(
        vocabulary[: options.vocabulary_size],
        options.sequence_length or _length(lengths),
        options.truncation,
        options.lower_case,
        options.strip_accents,
        options.split,
        name="tokens",
    )
    return keras.Model(inputs, layer(inputs), name="preprocessor")


def describe(
    data: Data, options: Preprocessing, spec: DataSpec, preprocessor: keras.Model
) -> dict[str, Any]:
    """The `input` entry of the metadata: what predicting needs to turn a text into numbers."""
    return {
        "name": "text",
        "shape": [],
        "dtype": "string",
        "text": spec.text,
        "tokens": preprocessor.get_layer("tokens").tokenizer.described(),
        "reading": table_file.reading(data),
    }


def numbers(split: Split, preprocessor: keras.Model) -> Split:
    """See `dlcli.preprocessing.numbers`; by the tokenizer in Python, which is the faster one."""
    ids = preprocessor.get_layer("tokens").tokenizer.ids(split.inputs[split.rows])
    names = [split.name(position) for position in range(len(split))]
    return Split(ids, split.targets[split.rows], np.arange(len(split)), names)


def _length(lengths: list[int]) -> int:
    """The smallest length that holds most texts whole, at least 1 and at most 512."""
    covering = int(np.quantile(lengths, _COVERED, method="inverted_cdf"))
    return min(max(covering, 1), _MAX_LENGTH)
