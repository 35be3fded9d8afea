"""The score of a class: its log-odds, the logarithm of p / (1 - p).

Unlike the probability it does not flatten where the network is sure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from dlcli import shown

if TYPE_CHECKING:
    import keras
    import tensorflow as tf


def names(metadata: Mapping[str, Any]) -> list[str]:
    """Of the classes."""
    return list(metadata["class_names"])


def value(answers: np.ndarray, index: int) -> np.ndarray:
    """The probability of a class, or another number for each."""
    return answers[:, index]


def unit(name: str, metadata: Mapping[str, Any], of_score: bool) -> str:
    """The log-odds or the probability of a class."""
    return f"{'log-odds' if of_score else 'probability'} of '{shown.escaped(name)}'"


def scored(core: keras.Model) -> keras.KerasTensor:
    """The logits, (batch, num_classes) or (batch, steps, num_classes)."""
    return core.get_layer("scores").output


def score(output: tf.Tensor, index: tf.Tensor) -> tf.Tensor:
    """The log-odds of a class; of logits after every step, the last ones count."""
    import tensorflow as tf

    if len(output.shape) == 3:
        output = output[:, -1]
    is_chosen = tf.range(tf.shape(output)[1]) == index
    others = tf.where(is_chosen, output.dtype.min, output)
    return tf.gather(output, index, axis=1) - tf.reduce_logsumexp(others, axis=1)


def mistakes(answers: np.ndarray, truth: np.ndarray, metadata: Mapping[str, Any]) -> np.ndarray:
    """Where another class is the likeliest, the surest first."""
    wrong = np.flatnonzero(answers.argmax(axis=1) != truth)
    return wrong[np.argsort(-answers[wrong].max(axis=1), kind="stable")]
