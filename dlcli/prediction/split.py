"""Examples of a run's own data, with what is true of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from dlcli.data import Split
from dlcli.prediction.source import Batch, Part, Source


def source(split: Split, class_names: Sequence[str], fingerprint: str) -> Source:
    """The examples of a split, in order.

    Args:
        split: examples with one true answer each; of several, steps of a text, the last counts.
        class_names: of the model's answers; none of numbers.
        fingerprint: of the data.
    """
    names = np.array(class_names, object)

    def read(first: int, stop: int, batch_size: int) -> Iterator[Batch]:
        for start in range(first, stop, batch_size):
            places = np.arange(start, min(start + batch_size, stop))
            raw, targets = split.gather(places)
            last = targets[:, -1] if targets.ndim > 1 else targets
            # As text a float32 has the digits that it knows, and no others.
            truths = names[last].tolist() if class_names else [float(str(each)) for each in last]
            yield Batch([split.name(int(place)) for place in places], raw, truths=truths)

    return Source((Part(len(split), read),), lambda: fingerprint)
