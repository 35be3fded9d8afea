"""The score of a forecast: its mean over the steps, in the units of its target."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from dlcli import shown
from dlcli.explanation.regression import scored

if TYPE_CHECKING:
    import tensorflow as tf

__all__ = ["mistakes", "names", "score", "scored", "unit", "value"]


def names(metadata: Mapping[str, Any]) -> list[str]:
    """Of the targets."""
    return [target["name"] for target in metadata["forecast"]["targets"]]


def value(answers: np.ndarray, index: int) -> np.ndarray:
    """The mean over the steps of a target, of forecasts (batch, horizon, num_targets)."""
    return answers[:, :, index].mean(axis=1)


def unit(name: str, metadata: Mapping[str, Any], of_score: bool) -> str:
    """That of the target."""
    if metadata["forecast"]["horizon"] > 1:
        return f"mean forecast of {shown.escaped(name)}"
    return name or "the prediction"


def score(output: tf.Tensor, index: tf.Tensor) -> tf.Tensor:
    """The mean over the steps of a target."""
    import tensorflow as tf

    return tf.reduce_mean(tf.gather(output, index, axis=2), axis=1)


def mistakes(answers: np.ndarray, truth: np.ndarray, metadata: Mapping[str, Any]) -> np.ndarray:
    """All windows, by the mean error in standard deviations of the targets."""
    scales = [target["std"] for target in metadata["forecast"]["targets"]]
    errors = np.abs(answers.reshape(truth.shape) - truth)
    errors = np.nanmean(errors / scales, axis=(1, 2))
    return np.argsort(-np.nan_to_num(errors), kind="stable")
