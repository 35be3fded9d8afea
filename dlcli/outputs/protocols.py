"""What each package needs of an output's file in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    import keras
    import numpy as np
    import tensorflow as tf

    from dlcli.data import DataSpec
    from dlcli.data.targets import Column, Fitted
    from dlcli.evaluation.predictions import Predictions
    from dlcli.prediction.prediction import Cell
    from dlcli.prediction.prediction import Column as Heading
    from dlcli.runs.run_dir import RunDir
    from dlcli.tensorboard.event_files import EventFiles
    from dlcli.tensorboard.shown import Judged, Shown

Loss = Callable[[Any, Any], Any]
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

    @property
    def weighted_loss(self) -> Callable[[np.ndarray, DataSpec, str, float], Loss] | None:
        """The loss with `training.class_weights` and `training.label_smoothing`.

        From the targets of the train split, the data and these two to a function from targets and
        predictions to losses (batch,); None where there are no classes to weigh.
        """


class Evaluation(Protocol):
    """`dlcli.evaluation`: how good predictions are, and the plots that show it.

    Predictions are arrays (num_examples, ...), as `keep` gives them.
    """

    @property
    def WRITTEN(self) -> tuple[str, ...]:  # noqa: N802 - a constant of a module
        """Entries of the metadata that the plots write."""

    @property
    def keep(self) -> Callable[[np.ndarray, np.ndarray], np.ndarray] | None:
        """From predictions and targets of a batch to what is kept of the predictions.

        None where they are small enough to be kept as they are, for a whole split.
        """

    @property
    def decide(self) -> Callable[[np.ndarray, np.ndarray], dict[str, Any]] | None:
        """From predictions and targets of the validation split to entries of the metadata.

        Such as thresholds, which no other split may choose; of no examples, the defaults. None
        where predictions are used as they are.
        """

    def measure(
        self, predictions: np.ndarray, targets: np.ndarray, metadata: Mapping[str, Any], /
    ) -> dict[str, Any]:
        """`examples`, how many; each metric by its name, and further figures."""

    def terms(
        self, predictions: np.ndarray, targets: np.ndarray, metadata: Mapping[str, Any], /
    ) -> dict[str, np.ndarray]:
        """What of each example is averaged; {} unless `Output.per_example`.

        (num_examples,), or of each class (num_examples, num_classes).
        """

    def from_means(self, means: Mapping[str, Any], /) -> dict[str, Any]:
        """The metrics of means of what `terms` gives: of one (...) or of many (num_means, ...)."""

    def stored(self, predictions: np.ndarray, targets: np.ndarray, /) -> dict[str, np.ndarray]:
        """What a run stores of predictions; {} unless `Output.per_example`."""

    def draw(
        self,
        measured: Mapping[str, Any],
        predictions: np.ndarray,
        targets: np.ndarray,
        metadata: Mapping[str, Any],
        folder: Path,
        name_of: Callable[[int], str],
        /,
    ) -> Iterator[tuple[str, Path]]:
        """Draw predictions.

        Args:
            measured: what `measure` gave.
            predictions, targets, metadata: what it was given.
            folder: where plots go.
            name_of: what an example is called, by its position.

        Yields:
            A tag and the file of each plot.
        """

    @property
    def draw_progress(self) -> Callable[[np.ndarray, int, Path], Iterator[tuple[str, Path]]] | None:
        """Draw predictions of a few validation examples after an epoch, from 1, into a folder.

        None where the plots of `draw` show more of a model that is still learning.
        """


class Report(Protocol):
    """`dlcli.reporting.outputs`: what a report says of predictions besides metrics and classes."""

    @property
    def HEADING(self) -> str:  # noqa: N802 - a constant of a module
        """Above the figures of predictions."""

    @property
    def WORST(self) -> str:  # noqa: N802
        """Above the worst predictions."""

    @property
    def WORST_NOTE(self) -> str:  # noqa: N802
        """HTML that explains how these are shown, or ""."""

    @property
    def PREDICTS(self) -> str:  # noqa: N802
        """What a model without the name of a target predicts; may hold the number of classes."""

    @property
    def GENERATES(self) -> tuple[str, str] | None:  # noqa: N802
        """Options of `dlcli generate` with what they do; None of a model that predicts."""

    @property
    def complete(self) -> Callable[[dict[str, Any], Mapping[str, Any]], None] | None:
        """Add what only this output says to the document of `dlcli.reporting.results.of`.

        The second argument is `test` of `metrics.json`. None where there is nothing to add.
        """

    def figures(
        self,
        run: RunDir,
        kept: Predictions | None,
        test: Mapping[str, Any],
        metadata: Mapping[str, Any],
        /,
    ) -> dict[str, Any]:
        """Figures of predictions: `answers`, which may be `wide`, `by_step` and `pictures`."""

    def worst(self, kept: Predictions, count: int, /) -> list[int]:
        """Positions of the worst predictions, the worst first; of classes mistakes only."""

    def shown(
        self, kept: Predictions, example: Mapping[str, Any], metadata: Mapping[str, Any], /
    ) -> dict[str, Any]:
        """Prediction and truth of one of the worst examples; its entries say how it is drawn."""


class Views(Protocol):
    """`dlcli.tensorboard`, where `Output.has_labels`: how examples are shown one by one."""

    def labels(self, targets: np.ndarray, class_names: Sequence[str]) -> list[str]:
        """The true values of examples in a word or two each."""

    def judged(self, shown: Shown, /) -> Judged:
        """Each prediction beside the truth."""

    @property
    def show(self) -> Callable[[EventFiles, Shown, int], None] | None:
        """Show further figures of all predictions, at a step; None where there are none."""


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
        """How many examples each class has, (num_classes,); of numbers how many there are, (1,)."""

    def scale(self, targets: np.ndarray) -> tuple[float, float]:
        """Mean and standard deviation of the train split's targets; 0 and 1 of classes."""


class Predicted(Protocol):
    """What a model says of one input; a dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def input(self) -> str:
        """What was predicted: a file name, "-", a table's row, a step, or an example's name."""

    @property
    def error(self) -> str:
        """Why there is no answer, or ""; then nothing below is asked for but `best`."""

    @property
    def cells(self) -> Mapping[str, Any]:
        """The own columns of a table's row, or the time of a step."""

    @property
    def best(self) -> str:
        """The class that is explained unless another one is asked for, or ""."""

    @property
    def is_known(self) -> bool:
        """Whether the truth is known."""

    def document(self) -> dict[str, Any]:
        """The answer as JSON has it."""

    def sentence(self, target: str) -> str:
        """The answer in a line, and the truth where it is known; `target` may be ""."""

    def row(self, known: bool) -> list[Cell]:
        """The answer in a table for people; `known` is whether any truth in the table is."""


class StepPredictions(Protocol):
    """`dlcli.prediction`: what the arrays of an output mean."""

    def Prediction(  # noqa: N802 - a class
        self, input: str, *, error: str = "", cells: Mapping[str, Any] = ...
    ) -> Predicted:
        """A prediction without an answer."""

    def decoded(
        self, rows: np.ndarray, metadata: Mapping[str, Any], top_k: int
    ) -> Sequence[np.ndarray]:
        """What many predictions mean: arrays (num_inputs, ...) of numbers or objects."""

    def prediction(
        self, name: str, found: Sequence[Any], truth: Any, cells: Mapping[str, Any]
    ) -> Predicted:
        """One of the inputs that were `decoded`, with its truth or None."""

    def truths(self, targets: np.ndarray, metadata: Mapping[str, Any]) -> Sequence[Any]:
        """The truth of each of the targets (num_examples, ...)."""

    def changed(
        self,
        expected: np.ndarray,
        others: np.ndarray,
        targets: np.ndarray,
        metadata: Mapping[str, Any],
    ) -> float:
        """The share of the predictions of a model that others differ from."""


class InputPredictions(StepPredictions, Protocol):
    """The same of outputs with one prediction for an input, which are written in columns."""

    def final(self, raw: Any, rows: np.ndarray) -> np.ndarray:
        """The prediction for each raw example, where there may be one for each of its steps."""

    def columns(self, metadata: Mapping[str, Any], top_k: int) -> tuple[Sequence[Heading], Heading]:
        """The columns of a file, and that of the truth."""

    def cells(
        self, found: Sequence[np.ndarray], errors: Iterable[int], exact: bool
    ) -> Sequence[Sequence[Any]]:
        """The cells of each column, of what was `decoded`; None where there is an error.

        Args:
            found: what was decoded.
            errors: where there is none.
            exact: whether numbers have all their digits.
        """


class Explanation(Protocol):
    """`dlcli.explanation`: what of a prediction is explained."""

    @property
    def mistakes(
        self,
    ) -> Callable[[np.ndarray, np.ndarray, Mapping[str, Any]], np.ndarray] | None:
        """From answers, targets and metadata to the positions of mistakes, the worst first."""

    def names(self, metadata: Mapping[str, Any]) -> list[str]:
        """What may be explained: the classes or targets, in the order of the last axis."""

    def value(self, answers: np.ndarray, index: int) -> np.ndarray:
        """What is explained of answers (batch, ...), (batch,)."""

    def unit(self, name: str, metadata: Mapping[str, Any], of_score: bool) -> str:
        """What attributions of a class or target are measured in: its score, or its value."""

    def scored(self, core: keras.Model) -> keras.KerasTensor:
        """The tensor of the core that scores are made of."""

    def score(self, output: tf.Tensor, index: tf.Tensor) -> tf.Tensor:
        """What is differentiated for a class or target, (batch,), of what `scored` gives."""
