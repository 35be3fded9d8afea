"""Windows of series: which past steps and channels made the forecast what it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dlcli.explanation import _steps, integrated_gradients, occlusion
from dlcli.explanation.attribution import Attribution, Explained, Method, Places
from dlcli.explanation.drawings.series import draw
from dlcli.explanation.subject import Subject
from dlcli.inputs import forecasts

__all__ = ["AUTOMATIC", "METHODS", "draw", "places"]

AUTOMATIC = ("integrated-gradients", "attention")

_WINDOWS = 20


def places(subject: Subject, raw: np.ndarray) -> Places:
    """The columns, and the values of the window in their units."""
    forecast = forecasts.from_metadata(subject.metadata["forecast"])
    names = [column.name for column in forecast.columns]
    return Places(names, raw[0], ends_now=True)


def _integrated_gradients(subject: Subject) -> Method:
    forecast = forecasts.from_metadata(subject.metadata["forecast"])
    means = np.array([column.mean for column in forecast.columns])

    def attribute(raw: np.ndarray, explained: Explained) -> Attribution:
        network = subject.network
        (reference,) = network.numbers(np.broadcast_to(means, raw.shape))
        named = "a series that stays at the mean of the train split"
        numbers = network.numbers(raw)
        found = integrated_gradients.attribution(subject, explained, numbers, [reference], named)
        return replace(found, values=by_channel(found.values, raw.shape[2]))

    return attribute


def occlusion_method(subject: Subject) -> Method:
    """Windows of each channel held at its mean."""

    def attribute(raw: np.ndarray, explained: Explained) -> Attribution:
        _, _, num_channels = raw.shape
        present = max(int((~np.isnan(raw[0]).all(axis=1)).sum()), 1)
        windows = [
            (slice(*steps), channel)
            for steps in occlusion.windows(present, max(1, present * 2 // _WINDOWS))
            for channel in range(num_channels)
        ]

        def mean(window: tuple[slice, int]) -> float:
            known = raw[0, :present, window[1]]
            return np.nan if np.isnan(known).all() else np.nanmean(known)

        reference = "windows of one channel held at its mean in the series"
        return occlusion.by_window(subject, explained, raw, windows, mean, reference)

    return attribute


METHODS = {
    "integrated-gradients": _integrated_gradients,
    "attention": _steps.attention,
    "occlusion": occlusion_method,
}


def by_channel(values: np.ndarray, num_channels: int) -> np.ndarray:
    """Values (steps, features) of each channel, (steps, channels).

    What says that a value was missing, where the features have that too, is its channel's.
    """
    parts = np.split(values, values.shape[1] // num_channels, axis=1)
    return np.sum(parts, axis=0)
