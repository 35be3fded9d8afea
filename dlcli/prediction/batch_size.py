"""How many inputs are predicted together.

A rule of the model alone, never of a stopwatch or of the free memory: answers may depend on the
batch in their last bit, so a resumed output and all shards must be cut alike on every machine.
"""

from __future__ import annotations

import math

from dlcli.artifacts import Predictor

# Of pictures LiteRT answers fastest when what a layer makes of a batch stays in the processor's
# cache; each call of TensorFlow has a price of its own, so there more go together.
_LARGEST = {"image": 32, "table": 8192, "text": 256, "corpus": 64, "sequence": 256, "series": 256}
_LARGEST_IMAGES_OF_TENSORFLOW = 256
_NUMBERS = 2**20


def of(predictor: Predictor) -> int:
    """The batch size for a model.

    It is the largest power of two, up to one for each kind of data, with which a batch has no
    more than 2^20 numbers, so that large pictures do not fill the memory.

    Args:
        predictor: any artifact.
    """
    form = predictor.metadata["input"]
    numbers = math.prod(form.get("shape", ())) or 1
    if form["kind"] == "table":
        numbers = len(form["columns"])
    size = _LARGEST[form["kind"]]
    if form["kind"] == "image" and getattr(predictor, "runs_in_tensorflow", False):
        size = _LARGEST_IMAGES_OF_TENSORFLOW
    while size > 1 and size * numbers > _NUMBERS:
        size //= 2
    return size
