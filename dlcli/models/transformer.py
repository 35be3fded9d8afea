"""Transformer encoder: blocks of self-attention and dense layers (Vaswani et al., 2017).

Normalisation comes before each half of a block, which trains without a warm-up (Xiong et al.,
2020, "On layer normalization in the transformer architecture").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from dlcli import outputs
from dlcli.models import _dense
from dlcli.models._dense import DenseUnits

if TYPE_CHECKING:
    import keras

INPUT_KINDS = ("text", "series", "sequence")
OUTPUTS = outputs.of_features()


def build(
    inputs: keras.KerasTensor,
    lengths: keras.KerasTensor | None = None,
    every_step: bool = False,
    *,
    num_blocks: Annotated[int, Field(ge=1, description="Blocks, one after another.")] = 2,
    units: Annotated[int, Field(ge=1, description="Length of each step's vector.")] = 64,
    num_heads: Annotated[
        int, Field(ge=1, description="Attention heads of a block; units is a multiple of it.")
    ] = 4,
    feed_forward_units: Annotated[
        int, Field(ge=1, description="Units of the dense layer inside each block.")
    ] = 128,
    positions: Annotated[
        Literal["learned", "sinusoidal", "none"],
        Field(description="How a step knows its place; 'none': the order does not matter."),
    ] = "learned",
    pooling: Annotated[
        Literal["mean", "max"], Field(description="What becomes of the steps at the end.")
    ] = "mean",
    dropout: Annotated[
        float, Field(ge=0, lt=1, description="Share dropped in each half of a block, and after.")
    ] = 0.1,
    dense_units: DenseUnits = (),
) -> keras.KerasTensor:
    """Build the features of the network.

    Args:
        inputs: float (batch, steps, features).
        lengths: how many steps of each sequence count, int32 (batch,); None for all. What
            follows them changes nothing.
        every_step: whether there is an answer at every step, from the steps up to it alone.

    Returns:
        float (batch, features), or with `every_step` (batch, steps, units).

    Raises:
        ValueError: the heads do not divide the units.
    """
    from keras import layers

    from dlcli.layers.pooled_steps import PooledSteps
    from dlcli.layers.positions import Positions
    from dlcli.layers.present_steps import PresentSteps

    if units % num_heads:
        raise ValueError(f"model.units={units} is no multiple of model.num_heads={num_heads}")
    present = None if lengths is None else PresentSteps()(inputs, lengths)
    x = layers.Dense(units, name="projection")(inputs)
    if positions != "none":
        x = Positions(positions, name="positions")(x)
    for block in range(1, num_blocks + 1):
        # A bias of the keys would shift all scores of a step alike, and so change nothing.
        attention = layers.MultiHeadAttention(
            num_heads,
            units // num_heads,
            dropout=dropout,
            use_bias=False,
            name=f"block_{block}_attention",
        )
        normalized = layers.LayerNormalization()(x)
        attended = attention(
            normalized, normalized, attention_mask=present, use_causal_mask=every_step
        )
        x = layers.Add()([x, layers.Dropout(dropout)(attended)])
        hidden = layers.Dense(feed_forward_units, activation="gelu")(layers.LayerNormalization()(x))
        x = layers.Add()([x, layers.Dropout(dropout)(layers.Dense(units)(hidden))])
    x = layers.LayerNormalization()(x)
    if not every_step:
        x = PooledSteps(pooling)(x, lengths)
    x = layers.Dropout(dropout)(x)
    return _dense.stacked(x, dense_units, "gelu", dropout)
