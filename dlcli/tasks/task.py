"""What a kind of answer means for the network and its training."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import keras

from dlcli.data import DataSpec


@dataclass(frozen=True)
class Task:
    """How a kind of answer is trained and judged.

    Args:
        head: features and data to the prediction, which is float32 whatever the dtype
            policy is.
        loss: data to a Keras loss.
        metrics: name -> from data to a Keras metric, shown while training.
        monitor: the metric that a result is judged by.
        chooses_epoch: the validation metric that chooses the epoch to keep, unless a recipe says
            otherwise.
        higher_is_better: those of the metrics of which more is better.
    """

    head: Callable[[keras.KerasTensor, DataSpec], keras.KerasTensor]
    loss: Callable[[DataSpec], Any]
    metrics: Mapping[str, Callable[[DataSpec], keras.Metric]]
    monitor: str
    chooses_epoch: str
    higher_is_better: frozenset[str] = frozenset()
