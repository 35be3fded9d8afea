"""How many inputs are predicted together.

A rule of the model alone, never of a stopwatch or of the free memory: answers may depend on the
batch in their last bit, so a resumed output and all shards must be cut alike on every machine.
"""

from __future__ import annotations

import math

from dlcli import kinds
from dlcli.artifacts import Predictor

_NUMBERS = 2**20


def of(predictor: Predictor) -> int:
    """The batch size for a model.

    It is the largest power of two, up to one for each kind of data, with which a batch has no
    more than 2^20 numbers, so that large pictures do not fill the memory.
    """
    form = predictor.metadata["input"]
    numbers = len(form["columns"]) if "columns" in form else math.prod(form["shape"]) or 1
    kind = kinds.for_task(predictor.metadata["task"])
    size = kind.largest_batch
    if getattr(predictor, "runs_in_tensorflow", False):
        size = kind.largest_batch_in_tensorflow or size
    while size > 1 and size * numbers > _NUMBERS:
        size //= 2
    return size
