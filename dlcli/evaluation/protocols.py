"""Protocols of the modules for kinds and outputs in `dlcli.evaluation`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np


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
        """Compute the values per example that are averaged; {} unless `Output.per_example`.

        (num_examples,), or of each class (num_examples, num_classes).
        """

    def from_means(self, means: Mapping[str, Any], /) -> dict[str, Any]:
        """The metrics of means of what `terms` gives: of one (...) or of many (num_means, ...)."""

    def stored(self, predictions: np.ndarray, targets: np.ndarray, /) -> dict[str, np.ndarray]:
        """Select the values of predictions that a run stores; {} unless `Output.per_example`."""

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
