"""Raw examples as the numbers that TFLite and ONNX files take."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np

from dlcli.inputs.examples import Examples


def of(form: dict[str, Any]) -> Callable[[Examples], np.ndarray]:
    """What makes numbers of raw examples, without TensorFlow.

    Args:
        form: `metadata["input"]`.

    Returns:
        A function from (batch, ...) raw examples: of a table to float32 (batch,
        num_columns), see `dlcli.inputs.columns.matrix`; of other kinds to the array as it is.
    """
    if form["kind"] == "table":
        from dlcli.inputs import columns

        chosen = columns.from_metadata(form["columns"])
        return lambda raw: columns.matrix(cast(dict[str, np.ndarray], raw), chosen)
    return lambda raw: cast(np.ndarray, raw)


def in_batches_of(size: int, array: np.ndarray) -> list[np.ndarray]:
    """Cut an array for a file that takes one batch size only; the last part is filled up.

    What fills it up is its last example again; the answers to that are to be left out.
    """
    missing = -len(array) % size
    if missing:
        array = np.concatenate([array, array[-1:].repeat(missing, axis=0)])
    return np.split(array, len(array) // size)
