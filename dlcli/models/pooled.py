"""Pooled network: the mean or the maximum over all steps, then dense layers.

With text, it is fastText (Joulin et al., 2017) or, with dense layers, the deep averaging network
of Iyyer et al. (2015): cheap, and strong where the order of the words tells little.
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
    pooling: Annotated[
        Literal["mean", "max", "both"],
        Field(description="What becomes of the steps: their mean, their maximum, or both."),
    ] = "mean",
    units: DenseUnits = (),
    activation: DenseActivation = "relu",
    dropout: Annotated[
        float,
        Field(
            ge=0, lt=1, description="Share of features dropped after the pooling and each layer."
        ),
    ] = 0.0,
) -> keras.KerasTensor:
    """Build the features of the network.

    Args:
        inputs: float (batch, steps, features).
        lengths: how many steps of each sequence count, int32 (batch,); None for all. What
            follows them changes nothing.

    Returns:
        float (batch, features).
    """
    from keras import layers

    from dlcli.layers.pooled_steps import PooledSteps

    kinds = ("mean", "max") if pooling == "both" else (pooling,)
    pooled = [PooledSteps(kind)(inputs, lengths) for kind in kinds]
    x = layers.Concatenate()(pooled) if len(pooled) > 1 else pooled[0]
    if dropout:
        x = layers.Dropout(dropout)(x)
    return _dense.stacked(x, units, activation, dropout)
