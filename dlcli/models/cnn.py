"""Convolutional network for images: blocks of convolution and pooling, then dense layers.

The defaults are the network of the Keras MNIST examples: LeCun et al., 1998,
"Gradient-based learning applied to document recognition", in its present-day
form with rectified units and max pooling.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

if TYPE_CHECKING:
    import keras

INPUT_KINDS = ("image",)

Filters = Annotated[int, Field(ge=1)]
Units = Annotated[int, Field(ge=1)]


def build(
    inputs: keras.KerasTensor,
    *,
    filters: Annotated[
        tuple[Filters, ...],
        Field(min_length=1, description="Convolution filters of each block, in order."),
    ] = (32, 64),
    kernel_size: Annotated[
        int, Field(ge=1, description="Height and width of each convolution kernel, in pixels.")
    ] = 3,
    padding: Annotated[
        Literal["valid", "same"],
        Field(description="'same' pads the borders so that a convolution keeps the image size."),
    ] = "valid",
    activation: Annotated[
        Literal["relu", "leaky_relu", "elu", "gelu", "silu", "tanh", "sigmoid"],
        Field(description="Activation after every convolution and hidden dense layer."),
    ] = "relu",
    normalization: Annotated[
        Literal["none", "batch", "layer", "local_response"],
        Field(
            description="Normalisation of each convolution's outputs: batch or layer before the "
            "activation, local response (Krizhevsky et al., 2012) after it."
        ),
    ] = "none",
    pooling: Annotated[
        Literal["max", "average"], Field(description="Pooling at the end of each block.")
    ] = "max",
    pool_size: Annotated[
        int, Field(ge=1, description="Height and width of the pooling window, in pixels.")
    ] = 2,
    pool_last: Annotated[bool, Field(description="Whether the last block pools as well.")] = True,
    global_pooling: Annotated[
        bool, Field(description="Average over all positions in place of flattening them.")
    ] = False,
    dense_units: Annotated[
        tuple[Units, ...], Field(description="Units of each hidden dense layer, in order.")
    ] = (128,),
    dropout: Annotated[
        float, Field(ge=0, lt=1, description="Share of features dropped before each dense layer.")
    ] = 0.0,
) -> keras.KerasTensor:
    """Build the features of the network.

    Args:
        inputs: float (batch, height, width, channels).

    Returns:
        float (batch, features).

    Raises:
        ValueError: the image is too small for the blocks that are asked for.
    """
    from keras import layers

    from dlcli.layers.local_response_normalization import LocalResponseNormalization

    pooling_layer = layers.MaxPooling2D if pooling == "max" else layers.AveragePooling2D
    x = inputs
    for block, num_filters in enumerate(filters):
        # Batch normalisation shifts each filter by itself: a bias before it does nothing.
        use_bias = normalization != "batch"
        x = layers.Conv2D(num_filters, kernel_size, padding=padding, use_bias=use_bias)(x)
        if normalization == "batch":
            x = layers.BatchNormalization()(x)
        elif normalization == "layer":
            x = layers.LayerNormalization()(x)
        x = layers.Activation(activation)(x)
        if normalization == "local_response":
            x = LocalResponseNormalization()(x)
        if pool_last or block < len(filters) - 1:
            x = pooling_layer(pool_size)(x)
    x = layers.GlobalAveragePooling2D()(x) if global_pooling else layers.Flatten()(x)
    for units in dense_units:
        if dropout:
            x = layers.Dropout(dropout)(x)
        x = layers.Dense(units, activation=activation)(x)
    if dropout:
        x = layers.Dropout(dropout)(x)
    return x
