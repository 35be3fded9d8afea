"""The score of a number: itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from dlcli.explanation.classification import value

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

__all__ = ["mistakes", "names", "score", "scored", "unit", "value"]


def names(metadata: Mapping[str, Any]) -> list[str]:
    """Of the target, if it has one."""
    return [metadata["target"]] if metadata["target"] else []


def unit(name: str, metadata: Mapping[str, Any], of_score: bool) -> str:
    """That of the target."""
    return name or "the prediction"


def scored(core: keras.Model) -> keras.KerasTensor:
    """The prediction, (batch, 1)."""
    return core.output


def score(output: tf.Tensor, index: tf.Tensor) -> tf.Tensor:
    """The number."""
    return output[:, 0]


def mistakes(answers: np.ndarray, truth: np.ndarray, metadata: Mapping[str, Any]) -> np.ndarray:
    """All examples, by the size of the error."""
    errors = np.abs(answers.reshape(truth.shape) - truth)
    return np.argsort(-np.nan_to_num(errors), kind="stable")
