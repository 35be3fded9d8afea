"""Multilayer perceptron: dense layers, one after another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from dlcli import outputs
from dlcli.models._keys import L1, L2, Activation, Dropout, Initializer, regularizer

if TYPE_CHECKING:
    import keras

INPUT_KINDS = ("image", "table", "series", "sequence")
OUTPUTS = outputs.of_features()


def build(
    inputs: keras.KerasTensor,
    *,
    units: Annotated[
        tuple[Annotated[int, Field(ge=1)], ...],
        Field(min_length=1, description="Units of each hidden layer, in order."),
    ] = (128,),
    activation: Annotated[
        Activation, Field(description="Activation of each hidden layer.")
    ] = "relu",
    kernel_initializer: Initializer = "glorot_uniform",
    normalization: Annotated[
        Literal["none", "batch", "layer"],
        Field(description="Normalisation of each hidden layer before its activation."),
    ] = "none",
    dropout: Annotated[
        Dropout, Field(description="Share of features dropped after each hidden layer.")
    ] = 0.0,
    l1: L1 = 0.0,
    l2: L2 = 0.0,
) -> keras.KerasTensor:
    """Build the features of the network.

    Args:
        inputs: float (batch, ...); what is not a vector is flattened.

    Returns:
        float (batch, units[-1]).
    """
    from keras import layers

    normalizations = {"batch": layers.BatchNormalization, "layer": layers.LayerNormalization}
    x = layers.Flatten()(inputs) if len(inputs.shape) > 2 else inputs
    for num_units in units:
        # Batch normalisation shifts each unit by itself. Layer normalisation needs the bias:
        # without it, inputs that differ in length alone would look the same.
        x = layers.Dense(
            num_units,
            use_bias=normalization != "batch",
            kernel_initializer=kernel_initializer,
            kernel_regularizer=regularizer(l1, l2),
        )(x)
        if normalization != "none":
            x = normalizations[normalization]()(x)
        x = layers.Activation(activation)(x)
        if dropout:
            x = layers.Dropout(dropout)(x)
    return x
