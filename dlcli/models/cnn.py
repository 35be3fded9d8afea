"""Convolutional network for images: blocks of convolution and pooling, then dense layers.

The defaults are the network of the Keras MNIST examples: LeCun et al., 1998,
"Gradient-based learning applied to document recognition", in its present-day
form with rectified units and max pooling.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from dlcli import outputs
from dlcli.models._keys import L1, L2, Activation, Dropout, Initializer, regularizer

if TYPE_CHECKING:
    import keras

INPUT_KINDS = ("image",)
OUTPUTS = outputs.of_features()

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
    num_convolutions: Annotated[
        int, Field(ge=1, description="Convolutions of each block, one after another.")
    ] = 1,
    padding: Annotated[
        Literal["valid", "same"],
        Field(description="'same' pads the borders so that a convolution keeps the image size."),
    ] = "valid",
    activation: Annotated[
        Activation, Field(description="Activation after every convolution and hidden dense layer.")
    ] = "relu",
    kernel_initializer: Initializer = "glorot_uniform",
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
        Literal["none", "average", "max"],
        Field(description="What is taken over all positions; 'none' flattens them instead."),
    ] = "none",
    dense_units: Annotated[
        tuple[Units, ...], Field(description="Units of each hidden dense layer, in order.")
    ] = (128,),
    dropout: Annotated[
        Dropout, Field(description="Share of features dropped before each dense layer.")
    ] = 0.0,
    l1: L1 = 0.0,
    l2: L2 = 0.0,
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

    kernels = {"kernel_initializer": kernel_initializer, "kernel_regularizer": regularizer(l1, l2)}
    pooling_layer = layers.MaxPooling2D if pooling == "max" else layers.AveragePooling2D

    def convolved(x: keras.KerasTensor, num_filters: int) -> keras.KerasTensor:
        # Batch normalisation shifts each filter by itself: a bias before it does nothing.
        use_bias = normalization != "batch"
        x = layers.Conv2D(num_filters, kernel_size, padding=padding, use_bias=use_bias, **kernels)(
            x
        )
        if normalization == "batch":
            x = layers.BatchNormalization()(x)
        elif normalization == "layer":
            x = layers.LayerNormalization()(x)
        x = layers.Activation(activation)(x)
        return LocalResponseNormalization()(x) if normalization == "local_response" else x

    x = inputs
    for block, num_filters in enumerate(filters):
        for _ in range(num_convolutions):
            x = convolved(x, num_filters)
        if pool_last or block < len(filters) - 1:
            x = pooling_layer(pool_size)(x)
    if global_pooling == "average":
        x = layers.GlobalAveragePooling2D()(x)
    elif global_pooling == "max":
        x = layers.GlobalMaxPooling2D()(x)
    else:
        x = layers.Flatten()(x)
    for units in dense_units:
        if dropout:
            x = layers.Dropout(dropout)(x)
        x = layers.Dense(units, activation=activation, **kernels)(x)
    if dropout:
        x = layers.Dropout(dropout)(x)
    return x
