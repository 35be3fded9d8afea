"""The score of a class, of which an example may have several: its logit, which is its log-odds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from dlcli.explanation.classification import names, scored, unit, value

if TYPE_CHECKING:
    import tensorflow as tf

__all__ = ["mistakes", "names", "score", "scored", "unit", "value"]


def score(output: tf.Tensor, index: tf.Tensor) -> tf.Tensor:
    """The logit of a class."""
    import tensorflow as tf

    return tf.gather(output, index, axis=1)


def mistakes(answers: np.ndarray, truth: np.ndarray, metadata: Mapping[str, Any]) -> np.ndarray:
    """Mistakes: examples with a wrong class, the largest error of any class first."""
    wrong = np.flatnonzero(((answers >= metadata["thresholds"]) != (truth == 1)).any(axis=1))
    furthest = np.abs(answers[wrong] - truth[wrong]).max(axis=1)
    return wrong[np.argsort(-furthest, kind="stable")]
