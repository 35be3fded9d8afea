"""What each package needs of an output's file in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import keras
    import numpy as np
    import polars as pl

    from dlcli.data import DataSpec
    from dlcli.data.targets import Column, Fitted

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


class SimpleModels(Protocol):
    """`dlcli.baselines`: simple models of an output that is one for each example."""

    @property
    def CONSTANT(self) -> str:  # noqa: N802
        """What `constant` is called, such as "majority class"."""

    @property
    def LINEAR(self) -> str:  # noqa: N802
        """What `linear` is called, such as "logistic regression"."""

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


class Targets(Protocol):
    """`dlcli.data.targets`, where a column is predicted: what training learns of its cells."""

    @property
    def DTYPE(self) -> type[np.generic]:  # noqa: N802
        """Of targets."""

    def fit(self, column: Column, given: Mapping[str, np.ndarray]) -> Fitted:
        """Decide by the train split what the cells mean, and read them.

        Args:
            column: the cells of all splits.
            given: split -> (num_examples,) int64 positions in them, none of an empty cell.

        Raises:
            DataError: a cell does not fit, or the train split is no task for this output.
        """

    def require_enough(
        self, fitted: Fitted, train: np.ndarray, needed: int, column: Column
    ) -> None:
        """Check that the splits that are cut from train can all have examples of each class.

        Args:
            fitted: what `fit` gave.
            train: (num_train,) positions.
            needed: examples, of each class where there are some.
            column: see `fit`.

        Raises:
            DataError: there are fewer.
        """

    def read(self, column: Column, class_names: Sequence[str]) -> tuple[np.ndarray, dict[int, str]]:
        """Read cells to measure a trained model on.

        Args:
            column: the cells.
            class_names: the model's.

        Returns:
            The targets; and position -> what is wrong, of cells that the model cannot predict.
        """

    def classes_of(self, cells: pl.Series, shown: str) -> tuple[list[str], list[str]]:
        """Names of the classes in the labels of files, and what a user should know of them.

        Args:
            cells: labels of all splits.
            shown: what to call the data in an error.

        Raises:
            DataError: they are no task for this output.
        """

    def strata(self, targets: np.ndarray) -> np.ndarray:
        """Integers from 0, (num_stored,): splits are cut with each in its share."""

    def counts(self, targets: np.ndarray, num_classes: int) -> np.ndarray:
        """How many examples each class has, (num_classes,); of numbers how many there are, (1,)."""

    def scale(self, targets: np.ndarray) -> tuple[float, float]:
        """Mean and standard deviation of the train split's targets; 0 and 1 of classes."""
