"""Raw examples as the numbers that TFLite and ONNX files take."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcli.inputs.examples import Examples


def of(raw: Examples, form: dict[str, Any]) -> np.ndarray:
    """Make numbers of raw examples, without TensorFlow.

    Args:
        raw: (batch, ...) raw examples.
        form: `metadata["input"]`.

    Returns:
        Of a table float32 (batch, num_columns), see `dlcli.inputs.columns.matrix`; of other
        kinds the array as it is.
    """
    if isinstance(raw, dict):
        from dlcli.inputs import columns

        return columns.matrix(raw, columns.from_metadata(form["columns"]))
    return raw


def in_batches_of(size: int, array: np.ndarray) -> list[np.ndarray]:
    """Cut an array for a file that takes one batch size only; the last part is filled up.

    What fills it up is its last example again; the answers to that are to be left out.
    """
    missing = -len(array) % size
    if missing:
        array = np.concatenate([array, array[-1:].repeat(missing, axis=0)])
    return np.split(array, len(array) // size)
