"""No hidden layer: with its task's head, linear or logistic regression."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcli import outputs
from dlcli.models._keys import L1, L2

if TYPE_CHECKING:
    import keras

INPUT_KINDS = ("image", "table", "series", "sequence")
OUTPUTS = outputs.of_features()


def build(inputs: keras.KerasTensor, *, l1: L1 = 0.0, l2: L2 = 0.0) -> keras.KerasTensor:
    """Build the features, which are the inputs themselves; the only kernel is the head's.

    Args:
        inputs: float (batch, ...); what is not a vector is flattened.

    Returns:
        float (batch, features).
    """
    from keras import layers

    return layers.Flatten()(inputs) if len(inputs.shape) > 2 else inputs
