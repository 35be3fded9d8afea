"""Raw examples as the numbers that TFLite and ONNX files take."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def reader(form: dict[str, Any]) -> Callable[[Any], np.ndarray]:
    """What makes numbers of raw examples, without TensorFlow.

    Args:
        form: `metadata["input"]`.

    Returns:
        A function of raw examples (batch, ...): of a table it gives float32
        (batch, num_columns), see `dlcli.inputs.columns.matrix`; of texts int32 (batch, length),
        see `dlcli.inputs.text.Tokenizer`; of running texts int32 (batch, steps), see
        `dlcli.inputs.characters.Alphabet.batch`; of other kinds the array as it is.
    """
    if "columns" in form:
        from dlcli.inputs import columns

        chosen = columns.from_metadata(form["columns"])
        return lambda raw: columns.matrix(raw, chosen)
    if "tokens" in form:
        from dlcli.inputs import text

        return text.from_metadata(form["tokens"]).ids
    if "characters" in form:
        from dlcli.inputs.characters import RESERVED_NAMES, Alphabet

        return Alphabet((*RESERVED_NAMES, *form["characters"])).batch
    return lambda raw: raw


def in_batches_of(size: int, array: np.ndarray) -> list[np.ndarray]:
    """Cut an array for a file that takes one batch size only; the last part is filled up.

    What fills it up is its last example again; the answers to that are to be left out.
    """
    missing = -len(array) % size
    if missing:
        array = np.concatenate([array, array[-1:].repeat(missing, axis=0)])
    return np.split(array, len(array) // size)
