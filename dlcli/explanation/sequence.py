"""Whole series: which steps and channels decide the class."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dlcli.explanation import _steps, integrated_gradients, series
from dlcli.explanation.attribution import Attribution, Explained, Method, Places
from dlcli.explanation.drawings.series import draw
from dlcli.explanation.subject import Subject

__all__ = ["AUTOMATIC", "METHODS", "draw", "places"]

AUTOMATIC = ("integrated-gradients", "attention")


def places(subject: Subject, raw: np.ndarray) -> Places:
    """The channels, and the values of the series up to its end."""
    values = raw[0]
    ended = np.isnan(values).all(axis=1)
    num_steps = len(values) - int(np.argmin(ended[::-1])) if not ended.all() else 1
    count = values.shape[1]
    names = ["series"] if count == 1 else [f"channel {place}" for place in range(1, count + 1)]
    return Places(names, values[:num_steps])


def _integrated_gradients(subject: Subject) -> Method:
    def attribute(raw: np.ndarray, explained: Explained) -> Attribution:
        numbers = subject.network.numbers(raw)
        num_channels = raw.shape[2]
        # Standard scores of 0 are the mean of the train split; the end of the series stays.
        reference = np.where(np.isnan(numbers[0]), np.nan, 0).astype(np.float32)
        is_score = subject.metadata["recipe"]["preprocessing"]["scaling"] == "standard"
        named = "the mean of the train split" if is_score else "0"
        found = integrated_gradients.attribution(
            subject, explained, numbers, [reference], f"a series that stays at {named}"
        )
        count = len(places(subject, raw).content)
        return replace(found, values=series.by_channel(found.values, num_channels)[:count])

    return attribute


def _occlusion(subject: Subject) -> Method:
    whole = series.occlusion_method(subject)

    def attribute(raw: np.ndarray, explained: Explained) -> Attribution:
        found = whole(raw, explained)
        return replace(found, values=found.values[: len(places(subject, raw).content)])

    return attribute


METHODS = {
    "integrated-gradients": _integrated_gradients,
    "attention": _steps.attention,
    "occlusion": _occlusion,
}
