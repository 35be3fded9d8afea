"""How many inputs are predicted together.

A rule of the model alone, never of a stopwatch or of the free memory: answers may depend on the
batch in their last bit, so a resumed output and all shards must be cut alike on every machine.
"""

from __future__ import annotations

import math
from typing import Any

_LARGEST = {"image": 256, "table": 8192, "text": 256, "corpus": 64, "sequence": 256, "series": 256}
_NUMBERS = 2**20


def of(metadata: dict[str, Any]) -> int:
    """The batch size for a model.

    It is the largest power of two, up to one for each kind of data, with which a batch has no
    more than 2^20 numbers: what a layer makes of them then stays near the processor, and a large
    picture does not fill the memory.

    Args:
        metadata: the artifact's.
    """
    form = metadata["input"]
    numbers = math.prod(form.get("shape", ())) or 1
    if form["kind"] == "table":
        numbers = len(form["columns"])
    size = _LARGEST[form["kind"]]
    while size > 1 and size * numbers > _NUMBERS:
        size //= 2
    return size
