"""Noise that pictures are made from: normal draws, the same for a seed on every machine."""

from __future__ import annotations

import numpy as np


def normal(count: int, size: int, seed: int) -> np.ndarray:
    """Independent draws of mean 0 and variance 1, by Box and Muller, 1958.

    The raw stream is promised to stay as it is from one NumPy to the next, the methods of a
    Generator are not.

    Args:
        count: rows; more of them begin with the same ones.
        size: draws a row.

    Returns:
        float32 (count, size).
    """
    raw = np.random.PCG64(np.random.SeedSequence([seed, size])).random_raw(2 * count * size)
    uniform = ((raw.reshape(count, size, 2) >> np.uint64(11)) + 0.5) / 2**53  # inside (0, 1)
    drawn = np.sqrt(-2 * np.log(uniform[..., 0])) * np.cos(2 * np.pi * uniform[..., 1])
    rows: np.ndarray = drawn.astype(np.float32)
    return rows
