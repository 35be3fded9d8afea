"""Sequences that are classified: grouped by their length, shown as curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dlcli.data import Split

NUM_SHOWN = 12
_BATCH = 1024
_MAX_CHANNELS, _MAX_STEPS = 6, 400


def attributes(
    split: Split, metadata: Mapping[str, Any]
) -> tuple[dict[str, np.ndarray], dict[str, Sequence[str]]]:
    """`steps`, how many a sequence has, where not all have as many."""
    lengths = np.empty(len(split))
    for start in range(0, len(split), _BATCH):
        positions = np.arange(start, min(start + _BATCH, len(split)))
        known = ~np.isnan(split.gather(positions)[0]).all(axis=2)  # (batch, steps)
        lengths[positions] = known.shape[1] - np.argmax(known[:, ::-1], axis=1)
    return ({"steps": lengths} if np.ptp(lengths) else {}), {}


def shown(split: Split, position: int, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """`curves`, of each channel (num_steps,) values, thinned where it is long."""
    values = split.gather(np.array([position]))[0][0][:, :_MAX_CHANNELS]
    values = values[~np.isnan(values).all(axis=1)]
    values = values[:: -(-len(values) // _MAX_STEPS) or 1]
    return {
        "curves": [
            [None if np.isnan(value) else value for value in channel]
            for channel in values.T.tolist()
        ]
    }
