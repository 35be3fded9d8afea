"""A linear model of each channel's own past, with one set of weights for all channels.

DLinear of Zeng et al. (2023), "Are Transformers Effective for Time Series Forecasting?"; with
`preprocessing.relative_to: last` and no moving average, their NLinear.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

if TYPE_CHECKING:
    import keras

INPUT_KINDS = ("series",)
OUTPUTS = ("forecasting",)


def build(
    inputs: keras.KerasTensor,
    *,
    moving_average: Annotated[
        int | None,
        Field(
            ge=2,
            description="Steps of the moving average that trends are told from the rest by, each "
            "with weights of its own; null for none.",
        ),
    ] = 25,
) -> keras.KerasTensor:
    """Build the features of each channel, which its forecast is a weighed sum of.

    Args:
        inputs: float (batch, steps, channels).

    Returns:
        float (batch, channels, features).
    """
    from keras import layers, ops

    if moving_average is None:
        return ops.transpose(inputs, (0, 2, 1))
    before = (moving_average - 1) // 2
    after = moving_average - 1 - before
    # The ends go on as they are, so that the average has as many steps as the window.
    first, last = inputs[:, :1], inputs[:, -1:]
    padded = ops.concatenate([first] * before + [inputs] + [last] * after, axis=1)
    trend = layers.AveragePooling1D(moving_average, strides=1, name="trend")(padded)
    parts = ops.concatenate([trend, inputs - trend], axis=1)
    return ops.transpose(parts, (0, 2, 1))
