"""What each package needs of an output's file in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    import keras
    import numpy as np

    from dlcli.data import DataSpec
    from dlcli.evaluation.predictions import Predictions
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

    def measure(
        self, predictions: np.ndarray, targets: np.ndarray, metadata: Mapping[str, Any], /
    ) -> dict[str, Any]:
        """`examples`, how many; each metric by its name, and further figures."""

    def terms(
        self, predictions: np.ndarray, targets: np.ndarray, metadata: Mapping[str, Any], /
    ) -> dict[str, np.ndarray]:
        """What of each example is averaged, (num_examples,); {} unless `Output.per_example`."""

    def from_means(self, means: Mapping[str, Any], /) -> dict[str, Any]:
        """The metrics of means of what `terms` gives, one value or an array of them each."""

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
