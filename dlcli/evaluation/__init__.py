"""Evaluation: how good predictions are, against the truth and against simple models.

One file per output; `dlcli.evaluation.protocols.Evaluation` says what such a file holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from dlcli import kinds, outputs
from dlcli.evaluation.protocols import Evaluation

# Values of one array of predictions that a run keeps whole; 4 MB of float32.
MAX_STORED = 1_000_000


def of(task: str) -> Evaluation:
    """The module that measures and draws the predictions of a task."""
    module: Evaluation = outputs.module("evaluation", kinds.output_of(task))
    return module


def written(task: str, metadata: Mapping[str, Any]) -> list[str]:
    """What the plots of a task write besides English."""
    found = [metadata[name] for name in of(task).WRITTEN]
    return [text for each in found for text in ([each] if isinstance(each, str) else each)]


def kept(task: str, predictions: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Reduce predictions to the values that `measure` and `draw` take."""
    keep = of(task).keep
    return keep(predictions, targets) if keep else predictions


def decided(task: str, predictions: np.ndarray, targets: np.ndarray) -> dict[str, Any]:
    """Entries of a model's metadata that are chosen on these examples, such as thresholds."""
    decide = of(task).decide
    return decide(predictions, targets) if decide else {}
