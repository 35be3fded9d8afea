"""Examples of a run's own data, with what is true of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from dlcli.data import Split
from dlcli.prediction.answers import module_of
from dlcli.prediction.source import Batch, Part, Source


def source(split: Split, metadata: Mapping[str, Any], fingerprint: str) -> Source:
    """The examples of a split, in order.

    Args:
        split: examples with their targets.
        metadata: of the artifact that predicts them.
        fingerprint: of the data.
    """
    module = module_of(metadata)

    def read(first: int, stop: int, batch_size: int) -> Iterator[Batch]:
        for start in range(first, stop, batch_size):
            places = np.arange(start, min(start + batch_size, stop))
            raw, targets = split.gather(places)
            names = [split.name(int(place)) for place in places]
            yield Batch(names, raw, truths=module.truths(targets, metadata))

    return Source((Part(len(split), read),), lambda: fingerprint)
