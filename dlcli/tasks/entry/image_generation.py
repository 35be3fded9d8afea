"""Noise enters as it is, to become an image of a known shape."""

from __future__ import annotations

from typing import Any

import keras

from dlcli.data import DataSpec
from dlcli.tasks.entry import Entered


def enter(numbers: keras.KerasTensor, *, spec: DataSpec, **others: Any) -> Entered:
    """See `Entry`: float (batch, noise_size)."""
    return Entered(numbers, {"picture_shape": spec.picture_shape})
