"""The values of JSON documents, and numbers alone that are sent to the server as `values`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dlcli.inputs import columns
from dlcli.inputs.affine import LARGEST_NUMBER
from dlcli.serving.errors import bad_request

NAME = "'values'"


def changed(document: Any, change: Callable[[Any], Any]) -> Any:
    """A JSON document with each of its texts and numbers changed."""
    if isinstance(document, list):
        return [changed(each, change) for each in document]
    if isinstance(document, dict):
        return {key: changed(each, change) for key, each in document.items()}
    return change(document)


def steps(values: Sequence[Any], names: Sequence[str], what: str) -> np.ndarray:
    """The steps of a series, float64 (num_steps, num_columns), NaN where a value is missing.

    Args:
        values: a number a step where there is one column, else a list of them.
        what: what they are called.

    Raises:
        RequestError: a step has other columns, or a number is too large.
    """
    rows = [each if isinstance(each, list) else [each] for each in values]
    if not rows:
        raise bad_request(f"{NAME} has a series without values.")
    for place, row in enumerate(rows, 1):
        if len(row) != len(names):
            listed = columns.names_shown(names)
            raise bad_request(
                f"{NAME} has {len(row)} numbers in step {place}; the model has {len(names)} "
                f"{what}: {listed}."
            )
    array = np.array(rows, np.float64)
    if len(large := np.argwhere(np.abs(array) > LARGEST_NUMBER)):
        raise bad_request(
            f"{NAME} has {array[tuple(large[0])]:g} in step {large[0][0] + 1}; the largest "
            f"number that is read is {LARGEST_NUMBER:g}."
        )
    return array
