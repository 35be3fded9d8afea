"""Windows of series: which past steps and channels made the forecast what it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dlcli.explanation import _steps, occlusion, path
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
        found = path.attribution(
            subject,
            explained,
            network.numbers(raw),
            [reference],
            "a series that stays at the mean of the train split",
        )
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
        variants = []
        for steps, channel in windows:
            covered = raw.copy()
            known = raw[0, :present, channel]
            covered[0, steps, channel] = np.nan if np.isnan(known).all() else np.nanmean(known)
            variants.append(covered)
        score, effects = occlusion.effects(
            subject.predictor.predict_batch,
            lambda answers: subject.value(answers, explained),
            raw,
            variants,
        )
        total, times = np.zeros(raw.shape[1:]), np.zeros(raw.shape[1:])
        for (steps, channel), effect in zip(windows, effects, strict=True):
            total[steps, channel] += effect
            times[steps, channel] += 1
        return Attribution(
            "occlusion",
            total / np.maximum(times, 1),
            subject.unit(explained, of_score=False),
            reference="windows of one channel held at its mean in the series",
            score=score,
        )

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
