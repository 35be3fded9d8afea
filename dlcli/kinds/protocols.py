"""What each package needs of a kind's file in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from dlcli.events import Events, ignore

if TYPE_CHECKING:
    import keras
    import numpy as np

    from dlcli.artifacts import Predictor
    from dlcli.data import DataSet, DataSpec, Split
    from dlcli.events import Events
    from dlcli.explanation.attribution import Explanation as Explained
    from dlcli.explanation.attribution import Method, Places
    from dlcli.explanation.subject import Subject
    from dlcli.outputs import Output
    from dlcli.outputs.protocols import Predicted
    from dlcli.prediction.source import Source as Inputs
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


class Preprocessing(Protocol):
    """`dlcli.preprocessing`: raw examples to numbers."""

    def adapt(self, options: Any, train: Split, spec: DataSpec) -> keras.Model:
        """Build the model "preprocessor"; see `dlcli.preprocessing.adapt`.

        Args:
            train: raw examples; nothing else may be fitted on.
        """

    def describe(
        self, data: Any, options: Any, spec: DataSpec, preprocessor: keras.Model
    ) -> dict[str, Any]:
        """What predicting needs to make raw examples of a user's input, for the metadata.

        Args:
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
            output: says what is predicted.
            numbers: a split as the network takes it; None where that is too large for memory.
        """


class Prediction(Protocol):
    """`dlcli.prediction`: what there is to predict, where the output is no forecast."""

    def source(
        self, predictor: Predictor, inputs: Sequence[str], texts: Sequence[str], events: Events
    ) -> Inputs:
        """A user's own inputs; see `dlcli.prediction.open_inputs`."""


class Forecasts(Protocol):
    """`dlcli.prediction`: forecasts of several steps for each input."""

    def predict(
        self, predictor: Predictor, inputs: Sequence[str], events: Events
    ) -> Iterator[Predicted]:
        """The steps that follow each history."""

    def of_split(
        self, predictor: Predictor, names: Sequence[str], answers: np.ndarray, targets: np.ndarray
    ) -> Iterator[Predicted]:
        """The steps that follow examples of a split, beside the truth."""


class Explanation(Protocol):
    """`dlcli.explanation`: which parts of an input count, and how they are shown."""

    @property
    def METHODS(self) -> Mapping[str, Callable[[Subject], Method]]:  # noqa: N802 - a constant
        """What prepares each method that explains this kind, by its name."""

    @property
    def AUTOMATIC(self) -> Sequence[str]:  # noqa: N802 - a constant
        """The methods that are taken without being asked for, where they are possible."""

    def places(self, subject: Subject, raw: Any) -> Places:
        """What the values of an attribution stand for, such as words; of a batch of one."""

    def draw(self, explanation: Explained, path: Path) -> None:
        """Draw the picture."""


class Form(Protocol):
    """`dlcli.serving.forms`: what the page of a model shows of its kind of data."""

    def page(self, document: Mapping[str, Any], serving: str, writes_text: bool) -> dict[str, Any]:
        """What `page.js` knows.

        Args:
            document: metadata of the artifact.
            serving: address for requests of TensorFlow Serving.
            writes_text: whether it can continue a text.

        Returns:
            "form", which of its forms; "does", a sentence; "examples", (title, command) pairs of
            requests from a shell; and what the form asks for.
        """


class ValuesForm(Form, Protocol):
    """The same of kinds whose `inputs` have "values"."""

    def predict_values(
        self, predictor: Predictor, given: Sequence[Any], top_k: int, events: Events
    ) -> tuple[Iterator[Predicted], dict[str, Any] | None]:
        """Predict numbers alone, and of a forecast the `history` of its document."""


class ForecastForm(ValuesForm, Protocol):
    """The same of kinds with outputs that have steps."""

    def history(self, path: Path, document: Mapping[str, Any]) -> dict[str, Any]:
        """The end of the file that a forecast follows, for people."""
