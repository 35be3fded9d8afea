"""A line with noise, 1,000 points from a formula: y = 2 x + 1 + noise.

x is uniform from -5 to 5; the noise is normal with a standard deviation of 1, which is the
smallest error that a model can have.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from dlcli.data import DataSet, built_in_table
from dlcli.recipe.sections.table import Data, Preprocessing

KIND = "table"

_NUM_POINTS = 1000
_SEED = 0


def load(task: str, data: Data, preprocessing: Preprocessing) -> DataSet:
    """Compute the points, always the same ones, with all splits cut by the recipe's seed."""
    # NumPy promises to keep the raw stream, but not what its methods make of it.
    draws = np.random.PCG64(_SEED).random_raw(3 * _NUM_POINTS).reshape(3, _NUM_POINTS)
    place, radius, angle = (draws >> np.uint64(11)) / 2.0**53  # each in [0, 1)
    x = 10 * place - 5
    # Box and Muller, 1958: two uniform draws to a normal one.
    noise = np.sqrt(-2 * np.log1p(-radius)) * np.cos(2 * np.pi * angle)
    frame = pl.DataFrame({"x": x, "y": 2 * x + 1 + noise})
    return built_in_table.made("line", frame, "y", task, data, preprocessing)
