"""Numbers beside the true ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dlcli.tensorboard.shown import Judged, Shown

show = None


def labels(targets: np.ndarray, class_names: Sequence[str]) -> list[str]:
    """The numbers."""
    return [f"{float(target):.5g}" for target in targets]


def judged(shown: Shown) -> Judged:
    """The error of each prediction."""
    predicted, targets = shown.answers.reshape(len(shown.split)), shown.targets
    return Judged(
        np.abs(predicted - targets),
        np.ones(len(targets), bool),
        "error",
        lambda position: (
            f"{float(targets[position]):.5g}",
            f"{float(predicted[position]):.5g}",
            f"{float(predicted[position] - targets[position]):+.4g}",
        ),
    )
