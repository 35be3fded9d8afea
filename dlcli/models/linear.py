"""No hidden layer: with its task's head, linear or logistic regression."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras

INPUT_KINDS = ("image", "table", "series", "sequence")


def build(inputs: keras.KerasTensor) -> keras.KerasTensor:
    """Build the features, which are the inputs themselves.

    Args:
        inputs: float (batch, ...); what is not a vector is flattened.

    Returns:
        float (batch, features).
    """
    from keras import layers

    return layers.Flatten()(inputs) if len(inputs.shape) > 2 else inputs
