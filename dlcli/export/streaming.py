"""TFLite of a text generator: one step, its state an input and an output of the graph.

Signature `serving_default`: `token_ids` int32 (batch, 1) and each state by its name, float32
(batch, units), all zeros before a text, to `probabilities` float32 (batch, num_characters) of
the next character and each state by the same name, to be given back with it. The numbers of the
characters are their places in the member `vocabulary.json` of the file, see
`dlcli.inputs.characters`.
"""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from dlcli import kinds
from dlcli.errors import ArtifactError
from dlcli.recipe import schema
from dlcli.tasks import step


def is_for(document: dict[str, Any]) -> bool:
    """Whether a model is exported step by step."""
    return kinds.output_of(document["task"]).continues_text


def step_and_signature(
    model: keras.Model, document: dict[str, Any], quantize: str, batch: int | None
) -> tuple[keras.Model, dict[str, tf.TensorSpec]]:
    """The step of a text generator, with its weights, and what it takes.

    Args:
        quantize: not "int8": the state would be rounded again at each step.
        batch: None for any number of texts side by side, or 1.

    Raises:
        ArtifactError: it cannot be written in this way.
    """
    if quantize == "int8":
        raise ArtifactError(
            "a text generator cannot be int8: its state would be rounded again at each character.",
            "Choose --quantize dynamic or float16.",
        )
    if batch not in {None, 1}:
        raise ArtifactError(
            f"a text generator cannot have a batch size of {batch}.",
            "Leave out --batch, or give --batch 1.",
        )
    recipe = schema.from_values(document["recipe"], "the recipe in the model")
    one_step = step.of(model, recipe, tuple(document["class_names"]))
    return one_step, {
        name: tf.TensorSpec([batch, tensor.shape[1]], tensor.dtype, name)
        for name, tensor in one_step.input.items()
    }
