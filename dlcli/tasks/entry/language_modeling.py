"""Characters of a running text become vectors."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from dlcli.recipe.sections import language_modeling
from dlcli.tasks.entry import Entered, _steps


def enter(
    numbers: keras.KerasTensor,
    *,
    preprocessor: keras.Model,
    preprocessing: language_modeling.Preprocessing,
    embedding: language_modeling.Embedding,
    **others: Any,
) -> Entered:
    """See `Entry`: int32 (batch, steps), 0 after the end of a text."""
    vectors = _steps.vectors(numbers, preprocessor, embedding.size)
    return Entered(
        _steps.dropped(vectors, embedding.dropout),
        {
            "lengths": _steps.count(ops.not_equal(numbers, 0)),
            "every_step": preprocessing.predict == "every-step",
        },
    )
