"""A chaotic series from a formula: the delay differential equation of Mackey and Glass.

dx/dt = 0.2 x(t - 17) / (1 + x(t - 17)^10) - 0.1 x(t), with x = 1.2 before t = 0, one value a
unit of time. Source: Mackey and Glass (1977), "Oscillation and chaos in physiological control
systems"; a delay of 17 is that of the literature on forecasting.
"""

from __future__ import annotations

import polars as pl

from dlcli.data import DataSet, series
from dlcli.recipe.sections.series import Data, Preprocessing

KIND = "series"

_NUM_VALUES = 3000
_NUM_FIRST = 200  # values left out: the series has yet to find its orbit
_DELAY = 17
_STEPS_A_UNIT = 10


def load(task: str, data: Data, preprocessing: Preprocessing) -> DataSet:
    """Compute the series, always the same one."""
    values = compute(_NUM_FIRST + _NUM_VALUES)[_NUM_FIRST:]
    frame = pl.DataFrame({"time": range(len(values)), "x": values})
    return series.dataset(frame, "mackey_glass", data, preprocessing)


def compute(num_values: int) -> list[float]:
    """The first values from t = 0 on, by the method of Runge and Kutta of fourth order.

    A chaotic orbit keeps no digit that is computed in another way: there is nothing here but
    additions, multiplications and divisions, which IEEE 754 has exactly alike everywhere.
    """
    size = 1 / _STEPS_A_UNIT
    lag = _DELAY * _STEPS_A_UNIT
    x = [1.2] * (lag + 1)  # of the moments up to 0
    for _ in range((num_values - 1) * _STEPS_A_UNIT):
        before, after = x[-1 - lag], x[-lag]
        first = _slope(x[-1], before)
        second = _slope(x[-1] + size / 2 * first, (before + after) / 2)
        third = _slope(x[-1] + size / 2 * second, (before + after) / 2)
        fourth = _slope(x[-1] + size * third, after)
        x.append(x[-1] + size / 6 * (first + 2 * second + 2 * third + fourth))
    return x[lag::_STEPS_A_UNIT]


def _slope(value: float, delayed: float) -> float:
    second = delayed * delayed
    fourth = second * second
    return 0.2 * delayed / (1 + fourth * fourth * second) - 0.1 * value
