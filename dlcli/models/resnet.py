"""Residual network for small images (He et al., 2016, "Deep residual learning", section 4.2).

The defaults are ResNet-20: three stages of three blocks, 16, 32 and 64 filters. A shortcut that
changes shape is a 1x1 convolution (option B of the paper). Blocks are of the first form:
convolution, normalisation, activation, twice, the shortcut added before the last activation.
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


def build(
    inputs: keras.KerasTensor,
    *,
    num_blocks: Annotated[
        int, Field(ge=1, description="Residual blocks of each stage (depth = 6 x num_blocks + 2).")
    ] = 3,
    filters: Annotated[
        tuple[Annotated[int, Field(ge=1)], ...],
        Field(
            min_length=1, description="Filters of each stage; each but the first halves the size."
        ),
    ] = (16, 32, 64),
    width: Annotated[
        float, Field(gt=0, description="Factor on all filters (Zagoruyko and Komodakis, 2016).")
    ] = 1.0,
    stem_strides: Annotated[
        int,
        Field(
            ge=1,
            description="Strides of the first convolution: 2 takes a quarter of the time, for "
            "images of more than some 64 pixels.",
        ),
    ] = 1,
    activation: Annotated[
        Activation, Field(description="Activation after each convolution and each shortcut.")
    ] = "relu",
    kernel_initializer: Initializer = "he_normal",
    normalization: Annotated[
        Literal["none", "batch", "layer"],
        Field(description="Normalisation of each convolution's outputs, before the activation."),
    ] = "batch",
    global_pooling: Annotated[
        Literal["average", "max"], Field(description="What the head is given of all positions.")
    ] = "average",
    dropout: Annotated[
        Dropout, Field(description="Share of features dropped before the head.")
    ] = 0.0,
    l1: L1 = 0.0,
    l2: L2 = 0.0,
) -> keras.KerasTensor:
    """Build the features of the network.

    Args:
        inputs: float (batch, height, width, channels).

    Returns:
        float (batch, filters[-1] x width).
    """
    from keras import layers

    def normalized(
        x: keras.KerasTensor, num_filters: int, size: int, strides: int
    ) -> keras.KerasTensor:
        x = layers.Conv2D(
            num_filters,
            size,
            strides,
            padding="same",
            # Batch normalisation shifts each filter by itself: a bias before it does nothing.
            use_bias=normalization != "batch",
            kernel_initializer=kernel_initializer,
            kernel_regularizer=regularizer(l1, l2),
        )(x)
        if normalization == "batch":
            return layers.BatchNormalization()(x)
        return layers.LayerNormalization()(x) if normalization == "layer" else x

    widths = [max(1, round(num_filters * width)) for num_filters in filters]
    x = layers.Activation(activation)(normalized(inputs, widths[0], 3, stem_strides))
    for stage, num_filters in enumerate(widths):
        for block in range(num_blocks):
            strides = 2 if stage and not block else 1
            shortcut = x
            x = layers.Activation(activation)(normalized(x, num_filters, 3, strides))
            x = normalized(x, num_filters, 3, 1)
            if strides > 1 or shortcut.shape[-1] != num_filters:
                shortcut = normalized(shortcut, num_filters, 1, strides)
            x = layers.Activation(activation)(layers.Add()([x, shortcut]))
    if global_pooling == "max":
        x = layers.GlobalMaxPooling2D()(x)
    else:
        x = layers.GlobalAveragePooling2D()(x)
    return layers.Dropout(dropout)(x) if dropout else x
