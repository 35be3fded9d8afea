"""Protocols of the modules for kinds and outputs in `dlcli.baselines`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Protocol

from dlcli.outputs import Output

if TYPE_CHECKING:
    import numpy as np

    from dlcli.data import DataSet, Split


class SimpleModels(Protocol):
    """`dlcli.baselines`: simple models of an output that is one for each example."""

    @property
    def CONSTANT(self) -> str:  # noqa: N802
        """Name of the `constant` baseline, such as "majority class"."""

    @property
    def LINEAR(self) -> str:  # noqa: N802
        """Name of the `linear` baseline, such as "logistic regression"."""

    def constant(self, targets: np.ndarray, num_classes: int) -> np.ndarray:
        """The prediction that is best where nothing is known of an example, float64.

        Args:
            targets: (num_train, ...) of the train split, in full.
            num_classes: 0 of numbers.
        """

    def linear(
        self,
        features: Any,
        targets: np.ndarray,
        unseen: Any,
        num_classes: int,
        inverse_penalty: float = 1.0,
    ) -> np.ndarray:
        """Fit a linear model, and predict with it.

        Args:
            features: float64 (num_train, num_features), an array or a sparse matrix.
            targets, num_classes: see `constant`.
            unseen: (num_examples, num_features) to predict for.
            inverse_penalty: scale of the weights.
        """

    def certain(self, targets: np.ndarray, num_classes: int) -> np.ndarray:
        """Targets as predictions without doubt."""


class Baselines(Protocol):
    """`dlcli.baselines`: what simple models predict."""

    def answers(
        self,
        dataset: DataSet,
        options: Any,
        output: Output,
        numbers: Callable[[Split], Split | None],
    ) -> Iterator[tuple[str, np.ndarray]]:
        """Predictions for the test split; see `dlcli.baselines.answers`.

        Args:
            dataset: raw examples.
            output: says what is predicted.
            numbers: a split as the network takes it; None where that is too large for memory.
        """
