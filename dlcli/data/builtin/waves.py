"""Waves of four shapes from a formula, 600 series of 30 to 60 steps with noise.

Period, phase and height of each wave are drawn at random, and the noise is normal with a tenth
of the height. The shapes: sine, square, triangle, sawtooth.
"""

from __future__ import annotations

import numpy as np

from dlcli.data import DataSet, sequence
from dlcli.inputs.ts_files import WholeSeries
from dlcli.recipe.sections.sequence import Data, Preprocessing

KIND = "sequence"

_SHAPES = ("sawtooth", "sine", "square", "triangle")
_NUM_SERIES = 600
_SHORTEST, _LONGEST = 30, 60
_NOISE = 0.1
_SEED = 0


def load(task: str, data: Data, preprocessing: Preprocessing) -> DataSet:
    """Compute the series, always the same ones, with all splits cut by the recipe's seed."""
    # NumPy promises to keep the raw stream, but not what its methods make of it.
    bits = np.random.PCG64(_SEED).random_raw(_NUM_SERIES * (4 + 2 * _LONGEST))
    draws = ((bits >> np.uint64(11)) / 2.0**53).reshape(_NUM_SERIES, -1)  # each in [0, 1)
    values, labels = [], []
    for number, row in enumerate(draws):
        length = _SHORTEST + int(row[0] * (_LONGEST - _SHORTEST + 1))
        period, phase, height = 8 + 12 * row[1], row[2], 0.5 + row[3]
        radius, angle = np.split(row[4:], 2)
        # Box and Muller, 1958: two uniform draws to a normal one.
        noise = np.sqrt(-2 * np.log1p(-radius)) * np.cos(2 * np.pi * angle)
        labels.append(_SHAPES[number % len(_SHAPES)])
        wave = _wave(labels[-1], (np.arange(length) / period + phase) % 1)
        values.append((height * (wave + _NOISE * noise[:length])).astype(np.float32)[:, None])
    names = tuple(f"waves[{number}]" for number in range(_NUM_SERIES))
    whole = WholeSeries(tuple(values), tuple(labels), names)
    return sequence.dataset({"train": whole}, "waves", task, data, preprocessing)


def _wave(shape: str, turn: np.ndarray) -> np.ndarray:
    """Heights from -1 to 1 at parts of a turn from 0 to 1."""
    if shape == "sine":
        return np.sin(2 * np.pi * turn)
    if shape == "square":
        return np.where(turn < 0.5, 1.0, -1.0)
    if shape == "triangle":
        return 4 * np.abs(turn - 0.5) - 1
    return 2 * turn - 1
