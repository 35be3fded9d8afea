"""The dense layers that end several families, and their keys in the recipe's `model:` section."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

if TYPE_CHECKING:
    import keras

DenseUnits = Annotated[
    tuple[Annotated[int, Field(ge=1)], ...],
    Field(description="Units of each dense layer that follows."),
]
DenseActivation = Annotated[
    Literal["relu", "tanh", "gelu"], Field(description="Activation of the dense layers.")
]


def stacked(
    features: keras.KerasTensor, units: tuple[int, ...], activation: str, dropout: float
) -> keras.KerasTensor:
    """Dense layers one after the other, each followed by its dropout.

    Args:
        features: float (batch, ..., features).
        dropout: share of each layer's output dropped while training.

    Returns:
        float (batch, ..., units[-1]).
    """
    from keras import layers

    for num_units in units:
        features = layers.Dense(num_units, activation=activation)(features)
        if dropout:
            features = layers.Dropout(dropout)(features)
    return features
