"""Reports on predictions: one file per output, a `dlcli.reporting.protocols.Report`."""

from __future__ import annotations

import numpy as np

from dlcli import kinds, outputs
from dlcli.reporting.protocols import Report


def of(task: str) -> Report:
    """The module that reports the predictions of a task."""
    report: Report = outputs.module("reporting.outputs", kinds.output_of(task))
    return report


def largest(badness: np.ndarray, count: int, apart: int = 1) -> list[int]:
    """Positions of the largest values, the largest first, without those that are -inf.

    Args:
        badness: float (num_examples,).
        apart: the least distance between two of them.
    """
    chosen: list[int] = []
    for position in np.argsort(-badness, kind="stable").tolist():
        if len(chosen) == count or badness[position] == -np.inf:
            break
        if all(abs(position - other) >= apart for other in chosen):
            chosen.append(position)
    return chosen
