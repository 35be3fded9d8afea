"""Made-up examples of the shapes and types that a model takes: for times, never for a metric."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcli.inputs import columns
from dlcli.inputs.examples import Examples

NUM_EXAMPLES = 64
_SEED = 0


def examples(metadata: dict[str, Any], count: int = NUM_EXAMPLES) -> Examples:
    """Random raw examples.

    Args:
        metadata: of an artifact.
        count: how many.

    Returns:
        What the artifact's `predict_batch` takes: of images and numbers an array of the shape
        and dtype in the metadata, of a table a dict of columns, of texts strings of as many
        tokens or characters as the model reads.
    """
    form = metadata["input"]
    random = np.random.default_rng(_SEED)
    if "columns" in form:
        return {
            column.key: random.normal(size=count).astype(np.float32)
            if column.kind == "number"
            else random.choice(np.array([*column.categories, ""], object), count)
            for column in columns.from_metadata(form["columns"])
        }
    if form["dtype"] == "string":
        if "characters" in form:
            units, length, gap = list(form["characters"]), form["sequence_length"], ""
        else:
            tokens = form["tokens"]
            units, length, gap = tokens["vocabulary"], tokens["length"], " "
        texts = [gap.join(random.choice(np.array(units, object), length)) for _ in range(count)]
        return np.array(texts, object)
    shape = (count, *form["shape"])
    if form["dtype"] == "uint8":
        return random.integers(0, 256, shape, np.uint8)
    return random.normal(size=shape).astype(form["dtype"])
