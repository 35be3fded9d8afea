"""A batch of raw examples: one array, or for a table one array a column.

All arrays of a batch have its examples along their first axis.
"""

from __future__ import annotations

import numpy as np

Examples = np.ndarray | dict[str, np.ndarray]


def size(examples: Examples) -> int:
    """How many examples there are."""
    return len(next(iter(examples.values())) if isinstance(examples, dict) else examples)


def take(examples: Examples, index: np.ndarray | slice) -> Examples:
    """Some of the examples, by their positions or by a slice."""
    if isinstance(examples, dict):
        return {key: values[index] for key, values in examples.items()}
    return examples[index]
