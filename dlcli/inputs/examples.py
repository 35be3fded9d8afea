"""A batch of raw examples: one array, or for a table one array a column.

All arrays of a batch have its examples along their first axis.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

Examples = np.ndarray | dict[str, np.ndarray]

_ALONE = "examples"
_TEXT = "text:"
_COLUMN = "column:"


def size(examples: Examples) -> int:
    """How many examples there are."""
    return len(next(iter(examples.values())) if isinstance(examples, dict) else examples)


def take(examples: Examples, index: np.ndarray | slice) -> Examples:
    """Some of the examples, by their positions or by a slice."""
    if isinstance(examples, dict):
        return {key: values[index] for key, values in examples.items()}
    return examples[index]


def joined(parts: Sequence[Examples]) -> Examples:
    """The examples of several batches as one, in their order."""
    first = parts[0]
    if len(parts) == 1:
        return first
    if isinstance(first, dict):
        return {key: np.concatenate([part[key] for part in parts]) for key in first}
    return np.concatenate(parts)  # type: ignore[arg-type]


def spread(num_examples: int, count: int) -> np.ndarray:
    """Positions evenly spread over so many examples, int64, at most `count`."""
    if num_examples <= count:
        return np.arange(num_examples)
    return np.linspace(0, num_examples - 1, count).round().astype(np.int64)


def save(path: Path, examples: Examples) -> None:
    """Write examples for another process.

    Args:
        path: ends in `.npz`.
        examples: strings are arrays of str objects.
    """
    named = (
        {f"{_COLUMN}{key}": values for key, values in examples.items()}
        if isinstance(examples, dict)
        else {_ALONE: examples}
    )
    plain = {}
    for name, values in named.items():
        if values.dtype.kind == "O":
            # NumPy's own strings lose what ends in a zero, and its pickles are programs.
            content = json.dumps(values.tolist()).encode()
            plain[f"{_TEXT}{name}"] = np.frombuffer(content, np.uint8)
        else:
            plain[name] = values
    np.savez(path, **plain)  # type: ignore[arg-type]


def read(path: Path) -> Examples:
    """Read what `save` wrote."""
    named: dict[str, np.ndarray] = {}
    with np.load(path, allow_pickle=False) as file:
        for name in file.files:
            values = file[name]
            if name.startswith(_TEXT):
                values = np.array(json.loads(values.tobytes()), object)
            named[name.removeprefix(_TEXT)] = values
    if list(named) == [_ALONE]:
        return named[_ALONE]
    return {name.removeprefix(_COLUMN): values for name, values in named.items()}
