"""The preprocessor: raw examples to numbers, as a Keras model that ships with the network.

One file for each kind of data; see `dlcli.preprocessing.protocols`. A preprocessor that takes
strings has a layer "numeric": all of it that follows once they are numbers; TFLite starts
there, or without such a layer at the core.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from dlcli import kinds
from dlcli.artifacts.keras_file import input_spec
from dlcli.data import DataSpec, Split
from dlcli.preprocessing import protocols
from dlcli.recipe.schema import Recipe

_CHUNK = 8192  # examples made to numbers at a time


def adapt(recipe: Recipe, train: Split, spec: DataSpec) -> keras.Model:
    """Build the preprocessor of the recipe's kind of data, fitted on the train split alone.

    Returns:
        A model named "preprocessor": a batch of raw examples to float32 (batch, ...), or to
        int32 tokens (batch, steps).
    """
    return _module(recipe).adapt(recipe.preprocessing, train, spec)


def describe(recipe: Recipe, spec: DataSpec, preprocessor: keras.Model) -> dict[str, Any]:
    """The `input` entry of an artifact's metadata."""
    described = _module(recipe).describe(recipe.data, recipe.preprocessing, spec, preprocessor)
    return {"kind": kinds.for_task(recipe.task).stored_name, **described}


def numbers(recipe: Recipe, split: Split, preprocessor: keras.Model) -> Split | None:
    """A split as the core takes it, where that is the same in every epoch and fits in memory.

    Returns:
        The examples in the split's order; None where they are made batch by batch.
    """
    return _module(recipe).numbers(split, preprocessor)


def at_once(split: Split, preprocessor: keras.Model) -> Split:
    """Make numbers of a whole split, in memory, in its order."""
    call = tf.function(
        lambda raw: preprocessor(raw, training=False), input_signature=[input_spec(preprocessor)]
    )
    output = preprocessor.output
    inputs = np.empty((len(split), *output.shape[1:]), output.dtype)
    for start in range(0, len(split), _CHUNK):
        rows = np.arange(start, min(start + _CHUNK, len(split)))
        inputs[rows] = call(split.gather_for_model(rows)[0])
    names = [split.name(position) for position in range(len(split))]
    affines = replace(split.affines, inputs=())  # they are numbers of the model now
    return Split(inputs, split.targets[split.rows], np.arange(len(split)), names, affines)


def _module(recipe: Recipe) -> protocols.Preprocessing:
    module: protocols.Preprocessing = kinds.module("preprocessing", kinds.for_task(recipe.task))
    return module
