"""Which example comes when, and its random draws: pure functions of (seed, epoch, example).

Nothing here has state, so a resumed training sees what an undisturbed one sees.
"""

from __future__ import annotations

import numpy as np


def permutation(seed: int, epoch: int, num_examples: int) -> np.ndarray:
    """The order of one epoch.

    Args:
        epoch: counted from 0.

    Returns:
        (num_examples,) int64, every position once.
    """
    generator = np.random.Generator(np.random.Philox(key=[seed, epoch]))
    return generator.permutation(num_examples)


def uniform(seed: int, epoch: int, positions: np.ndarray, num_draws: int) -> np.ndarray:
    """Independent uniform draws for each example of an epoch.

    Each draw is a hash of (seed, epoch, position, draw) by the SplitMix64
    finaliser (Steele, Lea and Flood, 2014, "Fast splittable pseudorandom
    number generators"), so that batches may be cut anywhere.

    Args:
        positions: (batch,) positions in the train split.
        num_draws: draws an example.

    Returns:
        (batch, num_draws) float32 in [0, 1).
    """
    stream = _mix(_mix(np.array([seed], np.uint64)) ^ np.array([epoch], np.uint64))
    examples = _mix(stream ^ positions.astype(np.uint64))
    draws = _mix(examples[:, None] + np.arange(1, num_draws + 1, dtype=np.uint64)[None, :])
    return (draws >> np.uint64(40)).astype(np.float32) / np.float32(2**24)


def _mix(value: np.ndarray) -> np.ndarray:
    value = value + np.uint64(0x9E3779B97F4A7C15)  # wraps, as it should
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))
