"""Of series: no change, the same as a period ago, and a linear model of each target's past."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dlcli.baselines import Numbers, Predictions
from dlcli.data import DataSet, Split
from dlcli.inputs.forecasts import Forecast
from dlcli.outputs import Output
from dlcli.recipe.sections.series import Preprocessing

_LEAST_CORRELATION = 0.3  # of a series with itself a period ago
_LEAST_RISE = 0.1  # of the correlation at a period over its lowest before
_LONGEST_PERIOD = 1000
_MAX_ROWS = 20_000  # windows that a linear model is fitted on, evenly spread
_MAX_NUMBERS = 2**25  # in windows that are made at a time
_PENALTY = 1.0  # on squared weights, of standard scores


def answers(
    dataset: DataSet, options: Preprocessing, output: Output, numbers: Numbers
) -> Predictions:
    """See `dlcli.baselines.answers`; float64 (num_test, horizon, num_targets) in original units."""
    forecast = dataset.spec.forecast
    train, test = dataset.splits.train, dataset.splits.test
    past = _known(test.targets.values, forecast)
    origins = test.targets.starts[test.rows]  # rows at which forecasts begin
    persistent = np.repeat(past[origins - 1][:, None], forecast.horizon, axis=1)
    yield "last value", persistent
    num_train = int(train.targets.starts[train.rows[-1]]) + forecast.horizon
    period = find_period(past[:num_train])
    if period and origins[0] >= period:
        steps = np.arange(forecast.horizon)
        yield f"{period} steps before", past[origins[:, None] - period + steps % period]
    if linear := _linear(options, forecast, train, test, numbers):
        yield "linear model", np.concatenate(linear)


def find_period(values: np.ndarray) -> int:
    """The steps after which series repeat themselves, or 0 if they do not.

    It is where their autocorrelation, once it has fallen, has its highest peak.

    Args:
        values: float (num_rows, num_series), without gaps.
    """
    num_rows = len(values)
    longest = min(num_rows // 2, _LONGEST_PERIOD)
    if longest < 3:
        return 0
    # As standard scores: what follows compares with numbers, whatever the units are.
    mean, std = values.mean(axis=0), values.std(axis=0)
    varying = std > 1e-12 * np.abs(values).max(axis=0)
    values = (values[:, varying] - mean[varying]) / std[varying]
    time = np.stack([np.arange(num_rows), np.ones(num_rows)], axis=1)
    slopes, *_ = np.linalg.lstsq(time, values, rcond=None)
    rest = values - time @ slopes
    spectrum = np.fft.rfft(rest, 2 * num_rows, axis=0)
    products = np.fft.irfft(np.square(np.abs(spectrum)), axis=0)[: longest + 2]
    varying = products[0] > 1e-12
    if not varying.any():
        return 0
    correlation = (products[:, varying] / products[0, varying]).mean(axis=1)
    inner = correlation[1:-1]
    is_peak = (inner > correlation[:-2]) & (inner >= correlation[2:])
    lags = np.flatnonzero(is_peak) + 1
    # A slow series is like itself a step ago: that is no period, without a fall before it.
    fallen = correlation[lags] - np.minimum.accumulate(correlation)[lags] >= _LEAST_RISE
    lags = lags[fallen]
    if not len(lags):
        return 0
    highest = correlation[lags].max()
    if highest < _LEAST_CORRELATION:
        return 0
    # Whatever repeats itself does so after twice the time as well: the first peak that is about
    # as high counts, at its highest point.
    first = int(lags[correlation[lags] >= 0.9 * highest][0])
    near = lags[np.abs(lags - first) <= first / 10]
    return int(near[correlation[near].argmax()])


def _known(values: np.ndarray, forecast: Forecast) -> np.ndarray:
    """Values with each gap as the one before it; at the beginning the train split's mean."""
    filled = np.array(values, np.float64)
    for column, mean in zip(filled.T, forecast.means, strict=True):
        places = np.where(np.isnan(column), -1, np.arange(len(column)))
        places = np.maximum.accumulate(places)
        column[:] = np.where(places < 0, mean, column[places])
    return filled


def _linear(
    options: Preprocessing, forecast: Forecast, train: Split, test: Split, numbers: Numbers
) -> list[np.ndarray]:
    """Ridge regression of each target's changes on those of its own past.

    Both are changes from the last value, as in NLinear of Zeng et al. (2023). A target
    whose past is not read is predicted from all that is.

    Returns:
        The answers in parts; none where windows are too large to be made even a few at a time.
    """
    scaling, affines = options.scaling, train.affines
    size = min(_MAX_ROWS, max(_MAX_NUMBERS // int(np.prod(train.inputs.shape[1:])), 1))
    if len(train) > size:
        train = _part(train, np.linspace(0, len(train) - 1, size).astype(int))
    seen = numbers(train)
    if seen is None:
        return []
    roles = list(zip(forecast.channels, forecast.means, forecast.stds, strict=True))
    # Of the targets as channels: numbers are as the model takes them.
    scales = list(zip(*affines.of_outputs(forecast.means, forecast.stds), strict=True))
    fitted = []
    for place, (channel, mean, std) in enumerate(roles):
        wanted = (seen.targets[seen.rows, :, place].astype(np.float64) - mean) / std
        past, last = _past(seen.inputs[seen.rows], channel, scaling, *scales[place])
        known = ~np.isnan(wanted).any(axis=1)
        fitted.append(_ridge(past[known], (wanted - last)[known]))
    parts = []
    for start in range(0, len(test), size):
        unseen = numbers(_part(test, np.arange(start, min(start + size, len(test)))))
        if unseen is None:
            return []
        found = []
        for (channel, mean, std), scale, (weights, offset) in zip(
            roles, scales, fitted, strict=True
        ):
            past, last = _past(unseen.inputs[unseen.rows], channel, scaling, *scale)
            found.append((past @ weights + offset + last) * std + mean)
        parts.append(np.stack(found, axis=2))
    return parts


def _part(split: Split, positions: np.ndarray) -> Split:
    return replace(split, rows=split.rows[positions])


def _past(
    windows: np.ndarray, channel: int | None, scaling: str, mean: float, std: float
) -> tuple[np.ndarray, np.ndarray | float]:
    """What a target is predicted from, (num_windows, features), and what its change is from."""
    if channel is None:
        return windows.reshape(len(windows), -1).astype(np.float64), 0.0
    own = windows[:, :, channel].astype(np.float64)
    if scaling == "none":
        own = (own - mean) / std
    last = own[:, -1:]
    return own[:, :-1] - last, last


def _ridge(inputs: np.ndarray, outputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights (features, num_outputs) and offset (num_outputs,) of ridge regression."""
    if not len(inputs):
        return np.zeros((inputs.shape[1], outputs.shape[1])), np.zeros(outputs.shape[1])
    center, level = inputs.mean(axis=0), outputs.mean(axis=0)
    centered = inputs - center
    gram = centered.T @ centered + _PENALTY * np.eye(inputs.shape[1])
    weights = np.linalg.solve(gram, centered.T @ (outputs - level))
    return weights, level - center @ weights
