"""The preprocessor: raw examples to numbers, as a Keras model that ships with the network.

One file a kind of data, with `adapt` and `describe`. A preprocessor that takes strings has a
layer "numeric": all of it that follows once they are numbers. TFLite starts there.
"""

from __future__ import annotations

import importlib
from typing import Any

import keras

from dlcli import sections
from dlcli.data import DataSpec, Split
from dlcli.recipe import Recipe


def adapt(recipe: Recipe, train: Split, spec: DataSpec) -> keras.Model:
    """Build the preprocessor of the recipe's kind of data, fitted on the train split alone.

    Args:
        recipe: its `preprocessing` section is read.
        train: the train split.
        spec: shape and dtype of a raw example.

    Returns:
        A model named "preprocessor": a batch of raw examples to float32 (batch, ...).
    """
    preprocessor: keras.Model = _kind(recipe).adapt(recipe, train, spec)
    return preprocessor


def describe(recipe: Recipe, spec: DataSpec, preprocessor: keras.Model) -> dict[str, Any]:
    """The `input` entry of an artifact's metadata."""
    description: dict[str, Any] = _kind(recipe).describe(recipe, spec, preprocessor)
    return description


def _kind(recipe: Recipe) -> Any:
    return importlib.import_module(f"dlcli.preprocessing.{sections.kind_of(recipe.task)}")
