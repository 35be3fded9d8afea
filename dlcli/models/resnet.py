"""Residual network for small images (He et al., 2016, "Deep residual learning", section 4.2).

The defaults are ResNet-20: three stages of three blocks, 16, 32 and 64 filters. A shortcut that
changes shape is a 1x1 convolution (option B of the paper). Blocks are of the first form:
convolution, normalisation, activation, twice, the shortcut added before the last activation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

if TYPE_CHECKING:
    import keras

INPUT_KINDS = ("image",)


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
    dropout: Annotated[
        float, Field(ge=0, lt=1, description="Share of features dropped before the head.")
    ] = 0.0,
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
        convolution = layers.Conv2D(
            num_filters,
            size,
            strides,
            padding="same",
            use_bias=False,
            kernel_initializer="he_normal",
        )
        return layers.BatchNormalization()(convolution(x))

    widths = [max(1, round(num_filters * width)) for num_filters in filters]
    x = layers.Activation("relu")(normalized(inputs, widths[0], 3, 1))
    for stage, num_filters in enumerate(widths):
        for block in range(num_blocks):
            strides = 2 if stage and not block else 1
            shortcut = x
            x = layers.Activation("relu")(normalized(x, num_filters, 3, strides))
            x = normalized(x, num_filters, 3, 1)
            if strides > 1 or shortcut.shape[-1] != num_filters:
                shortcut = normalized(shortcut, num_filters, 1, strides)
            x = layers.Activation("relu")(layers.Add()([x, shortcut]))
    x = layers.GlobalAveragePooling2D()(x)
    return layers.Dropout(dropout)(x) if dropout else x
