"""Protocols of the modules for kinds and outputs in `dlcli.data`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from dlcli.events import Events, ignore

if TYPE_CHECKING:
    import numpy as np

    from dlcli.data import DataSet, Split
    from dlcli.data.targets import Column, Fitted


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

    def classes_of(
        self, column: Column, train: np.ndarray
    ) -> tuple[list[str], list[str], dict[str, str]]:
        """Names of the classes in the labels of files.

        Args:
            column: labels of all splits.
            train: (num_train,) positions in them.

        Returns:
            The names; what a user should know of them; and keys of the recipe's `data` section
            that were found out.

        Raises:
            DataError: they are no task for this output.
        """

    def strata(self, targets: np.ndarray) -> np.ndarray:
        """Integers from 0, (num_stored,): splits are cut with each in its share."""

    def counts(self, targets: np.ndarray, num_classes: int) -> np.ndarray:
        """Count the examples of each class, (num_classes,); of numbers all examples, (1,)."""

    def scale(self, targets: np.ndarray) -> tuple[float, float]:
        """Mean and standard deviation of the train split's targets; 0 and 1 of classes."""


class Source(Protocol):
    """`dlcli.data`, the module that `Kind.source` names: reads a user's own files."""

    def load(self, task: str, data: Any, preprocessing: Any, events: Events = ignore) -> DataSet:
        """Load what `data.source` names, and split it.

        Args:
            events: told while a folder is read for the first time.

        Raises:
            DataError: the data is missing, unreadable or unfit.
        """

    def load_whole(
        self,
        source: Path,
        task: str,
        data: Any,
        preprocessing: Any,
        metadata: dict[str, Any],
        events: Events = ignore,
    ) -> tuple[Split, tuple[tuple[str, str], ...]]:
        """Load data to measure a trained model on.

        Args:
            source: measured whole, or its test split where it has one.
            data, preprocessing: sections of the recipe that the model was trained with.
            events: told how far it is, and what a user should know of how the files were read.

        Returns:
            Examples with the targets that the model can predict; and the files or rows left out,
            each with the reason.

        Raises:
            DataError: the data is missing, unreadable or unfit.
        """


class BuiltIn(Protocol):
    """`dlcli.data.builtin`, one file for each data set: needs no file of the user's."""

    @property
    def KIND(self) -> str:  # noqa: N802 - a constant of a module
        """Name of the kind of data."""

    def load(self, task: str, data: Any, preprocessing: Any) -> DataSet:
        """Load the data set and split it; see `Source.load`."""


class Borrower(Protocol):
    """`dlcli.data` of a kind that uses the built-in data sets of another one."""

    def borrowed(self, dataset: DataSet, data: Any, preprocessing: Any) -> DataSet:
        """Make a data set of this kind of one of the other kind."""
