"""Protocols of the modules for kinds and outputs in `dlcli.tasks`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import keras
    import numpy as np

    from dlcli.data import DataSpec
    from dlcli.tasks.entry import Entered

Loss = Callable[[Any, Any], Any]
Metrics = Mapping[str, Callable[["DataSpec"], "keras.Metric"]]


class Head(Protocol):
    """`dlcli.tasks`: how a network that answers in this way ends, and what training minimises."""

    @property
    def METRICS(self) -> Metrics:  # noqa: N802 - a constant of a module
        """Metrics of training: name -> function from data to a Keras metric."""

    def head(self, features: keras.KerasTensor, spec: DataSpec) -> keras.KerasTensor:
        """Features to the prediction, which is float32 whatever the dtype policy is."""

    def loss(self, spec: DataSpec) -> Any:
        """A Keras loss; None where the model that trains has losses of its own."""

    @property
    def weighted_loss(self) -> Callable[[np.ndarray, DataSpec, str, float], Loss] | None:
        """The loss with `training.class_weights` and `training.label_smoothing`.

        From the targets of the train split, the data and these two to a function from targets and
        predictions to losses (batch,); None where there are no classes to weigh.
        """


class Entry(Protocol):
    """`dlcli.tasks.entry`: how the numbers of a kind enter the network."""

    def enter(
        self,
        numbers: keras.KerasTensor,
        *,
        preprocessor: keras.Model,
        spec: DataSpec,
        preprocessing: Any,
        embedding: Any,
    ) -> Entered:
        """Make what a family builds on.

        Args:
            preprocessor: its output is the core's input; of tokens, its layer "tokens" says how
                many there are: `num_tokens`.
            spec: of a series, `forecast` has the targets; of images to generate their shape.
            preprocessing, embedding: those sections of the recipe; None where a kind has none.

        Raises:
            RecipeError: the sections contradict each other.
        """
