"""Attention network: each step has a weight, which can be read; on a recurrent layer or without.

Additive attention: Bahdanau et al., 2015, as a pooling in Yang et al., 2016, "Hierarchical
attention networks for document classification".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from dlcli import outputs
from dlcli.models import _dense
from dlcli.models._dense import DenseActivation, DenseUnits

if TYPE_CHECKING:
    import keras

INPUT_KINDS = ("text", "series", "sequence")
OUTPUTS = outputs.of_features()


def build(
    inputs: keras.KerasTensor,
    lengths: keras.KerasTensor | None = None,
    *,
    cell: Annotated[
        Literal["none", "simple", "lstm", "gru"],
        Field(description="Recurrent layer before the attention, which lets a step know others."),
    ] = "gru",
    units: Annotated[
        tuple[Annotated[int, Field(ge=1)], ...],
        Field(min_length=1, description="Units of each recurrent layer, in order."),
    ] = (64,),
    bidirectional: Annotated[
        bool, Field(description="Read each sequence from both ends; doubles what a layer gives.")
    ] = True,
    recurrent_dropout: Annotated[
        float, Field(ge=0, lt=1, description="Share of each recurrent layer's input dropped.")
    ] = 0.0,
    attention_units: Annotated[
        int, Field(ge=1, description="Units of the layer that weighs the steps.")
    ] = 64,
    dense_units: DenseUnits = (),
    activation: DenseActivation = "relu",
    dropout: Annotated[
        float,
        Field(ge=0, lt=1, description="Share of features dropped after attention and each layer."),
    ] = 0.0,
) -> keras.KerasTensor:
    """Build the features of the network.

    Args:
        inputs: float (batch, steps, features).
        lengths: how many steps of each sequence count, int32 (batch,); None for all. What
            follows them changes nothing.

    Returns:
        float (batch, features). The layer "attention" knows the weights of the steps:
        see `dlcli.layers.attention_pooling`.
    """
    from keras import layers

    from dlcli.layers.attention_pooling import AttentionPooling
    from dlcli.models import recurrent

    x = inputs
    if cell != "none":
        x = recurrent.stacked(
            x,
            lengths,
            all_steps=True,
            cell=cell,
            units=units,
            bidirectional=bidirectional,
            dropout=recurrent_dropout,
        )
    x = AttentionPooling(attention_units, name="attention")(x, lengths)
    if dropout:
        x = layers.Dropout(dropout)(x)
    return _dense.stacked(x, dense_units, activation, dropout)
