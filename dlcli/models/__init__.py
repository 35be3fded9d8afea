"""Model families: one file each, and the file name is the family's name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from dlcli.recipe.protocols import Family

if TYPE_CHECKING:
    import keras


class RecurrentFamily(Family, Protocol):
    """A family with an output that continues texts: it also goes step by step."""

    @property
    def states(self) -> Callable[..., dict[str, int]]:
        """Gives the name and the size of each state, from the keys of `model:`."""

    @property
    def build_step(self) -> Callable[..., tuple[keras.KerasTensor, dict[str, keras.KerasTensor]]]:
        """Builds the network for one step on a tensor and the states before it."""


class TrainingFamily(Family, Protocol):
    """A family with an output that has no loss: it brings the model that trains it."""

    @property
    def trainer(self) -> Callable[..., tuple[keras.Model, keras.Model]]:
        """Gives the model that trains a core for images of a shape, and the one that is kept."""
