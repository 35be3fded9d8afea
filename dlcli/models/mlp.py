"""Multilayer perceptron: dense layers, one after another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

if TYPE_CHECKING:
    import keras

INPUT_KINDS = ("image", "table", "series", "sequence")


def build(
    inputs: keras.KerasTensor,
    *,
    units: Annotated[
        tuple[Annotated[int, Field(ge=1)], ...],
        Field(min_length=1, description="Units of each hidden layer, in order."),
    ] = (128,),
    activation: Annotated[
        Literal["relu", "leaky_relu", "elu", "gelu", "silu", "tanh", "sigmoid"],
        Field(description="Activation of each hidden layer."),
    ] = "relu",
    normalization: Annotated[
        Literal["none", "batch", "layer"],
        Field(description="Normalisation of each hidden layer before its activation."),
    ] = "none",
    dropout: Annotated[
        float, Field(ge=0, lt=1, description="Share of features dropped after each hidden layer.")
    ] = 0.0,
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
        x = layers.Dense(num_units, use_bias=normalization != "batch")(x)
        if normalization != "none":
            x = normalizations[normalization]()(x)
        x = layers.Activation(activation)(x)
        if dropout:
            x = layers.Dropout(dropout)(x)
    return x
