"""What each package needs of a kind's file in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from dlcli.events import Events, ignore

if TYPE_CHECKING:
    import keras
    import numpy as np

    from dlcli.data import DataSet, DataSpec, Split
    from dlcli.outputs import Output
    from dlcli.recipe.sections import Section
    from dlcli.tasks.entry import Entered


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
            numbers: the core's input.
            preprocessor: its output is the core's input; of tokens, its layer "tokens" says how
                many there are: `num_tokens`.
            spec: of a series, `forecast` has the targets; of images to generate their shape.
            preprocessing, embedding: those sections of the recipe; None where a kind has none.

        Raises:
            RecipeError: the sections contradict each other.
        """


class ReportedExamples(Protocol):
    """`dlcli.reporting.examples`: what a run keeps of the examples of its test split."""

    @property
    def NUM_SHOWN(self) -> int:  # noqa: N802 - a constant of a module
        """How many of the worst examples a report shows."""

    def attributes(
        self, split: Split, metadata: Mapping[str, Any]
    ) -> tuple[dict[str, np.ndarray], dict[str, Sequence[str]]]:
        """By what examples are grouped: numbers, or places among the names of the same key."""

    def shown(self, split: Split, position: int, metadata: Mapping[str, Any]) -> dict[str, Any]:
        """What a report shows of one example."""


class Sections(Protocol):
    """`dlcli.recipe.sections`: the sections of a recipe; None for those that a kind lacks."""

    @property
    def Data(self) -> type[Section]: ...  # noqa: N802 - classes of a module

    @property
    def Preprocessing(self) -> type[Section]: ...  # noqa: N802

    @property
    def Augmentation(self) -> type[Section] | None: ...  # noqa: N802

    @property
    def Embedding(self) -> type[Section] | None: ...  # noqa: N802


class Source(Protocol):
    """`dlcli.data`, the module that `Kind.source` names: reads a user's own files."""

    def load(self, task: str, data: Any, preprocessing: Any, events: Events = ignore) -> DataSet:
        """Load what `data.source` names, and split it.

        Args:
            task: name of the task.
            data, preprocessing: sections of the recipe.
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
            task: name of the task.
            data, preprocessing: sections of the recipe that the model was trained with.
            metadata: the model's.
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


class Preprocessing(Protocol):
    """`dlcli.preprocessing`: raw examples to numbers."""

    def adapt(self, options: Any, train: Split, spec: DataSpec) -> keras.Model:
        """Build the model "preprocessor"; see `dlcli.preprocessing.adapt`.

        Args:
            options: section `preprocessing` of the recipe.
            train: raw examples; nothing else may be fitted on.
            spec: of these.
        """

    def describe(
        self, data: Any, options: Any, spec: DataSpec, preprocessor: keras.Model
    ) -> dict[str, Any]:
        """What predicting needs to make raw examples of a user's input, for the metadata.

        Args:
            data, options: sections `data` and `preprocessing` of the recipe.
            spec: of raw examples.
            preprocessor: what `adapt` gave.
        """

    def numbers(self, split: Split, preprocessor: keras.Model) -> Split | None:
        """A split as the core takes it; None where it is made batch by batch."""


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
            options: section `preprocessing` of the recipe.
            output: says what is predicted.
            numbers: a split as the network takes it; None where that is too large for memory.
        """
