"""Input layers of networks: one file per kind of data, a `dlcli.tasks.protocols.Entry`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import keras


@dataclass(frozen=True)
class Entered:
    """What a family builds on.

    Args:
        features: float (batch, ...).
        context: further arguments for those families that take them: `lengths`, how many steps
            of each example count, int32 (batch,) and at least 1; `every_step`, whether there is a
            prediction after each step, not one for all of them; `picture_shape` to generate.
        leave: makes the network's prediction from that of its head.
    """

    features: keras.KerasTensor
    context: Mapping[str, Any] = field(default_factory=dict)
    leave: Callable[[keras.KerasTensor], keras.KerasTensor] = lambda prediction: prediction
