"""What each package needs of an output's file in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import keras

    from dlcli.data import DataSpec

Metrics = Mapping[str, Callable[["DataSpec"], "keras.Metric"]]


class Head(Protocol):
    """`dlcli.tasks`: how a network that answers in this way ends, and what training minimises."""

    @property
    def METRICS(self) -> Metrics:  # noqa: N802 - a constant of a module
        """What is measured while training: name -> from data to a Keras metric."""

    def head(self, features: keras.KerasTensor, spec: DataSpec) -> keras.KerasTensor:
        """Features to the prediction, which is float32 whatever the dtype policy is."""

    def loss(self, spec: DataSpec) -> Any:
        """A Keras loss; None where the model that trains has losses of its own."""
