"""Images enter as they are."""

from __future__ import annotations

from typing import Any

import keras

from dlcli.tasks.entry import Entered


def enter(numbers: keras.KerasTensor, **others: Any) -> Entered:
    """See `Entry`: float (batch, height, width, channels)."""
    return Entered(numbers)
