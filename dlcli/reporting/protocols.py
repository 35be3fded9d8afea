"""Protocols of the modules for kinds and outputs in `dlcli.reporting`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np

    from dlcli.data import Split
    from dlcli.evaluation.predictions import Predictions
    from dlcli.runs.run_dir import RunDir


class Report(Protocol):
    """`dlcli.reporting.outputs`: a report on predictions, besides metrics and classes."""

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
        """Prediction of a model whose target has no name; may hold the number of classes."""

    @property
    def GENERATES(self) -> tuple[str, str] | None:  # noqa: N802
        """Options of `dlcli generate` with what they do; None of a model that predicts."""

    @property
    def complete(self) -> Callable[[dict[str, Any], Mapping[str, Any]], None] | None:
        """Add what only this output says to the document of `dlcli.reporting.results.of`.

        The second argument is `test` of `metrics.json`. None where there is nothing to add.
        """

    @property
    def figures(
        self,
    ) -> (
        Callable[[RunDir, Predictions | None, Mapping[str, Any], Mapping[str, Any]], dict[str, Any]]
        | None
    ):
        """Draw predictions: `answers`, which may be `wide`, `by_step` and `pictures`.

        The last two arguments are `test` of `metrics.json` and the metadata. None where the
        figures of each class are enough.
        """

    def worst(self, kept: Predictions, count: int, /) -> list[int]:
        """Positions of the worst predictions, the worst first; of classes mistakes only."""

    def shown(
        self, kept: Predictions, example: Mapping[str, Any], metadata: Mapping[str, Any], /
    ) -> dict[str, Any]:
        """Prediction and truth of one of the worst examples; its entries say how it is drawn."""


class ReportedExamples(Protocol):
    """`dlcli.reporting.examples`: the part of the test examples that a run keeps."""

    @property
    def NUM_SHOWN(self) -> int:  # noqa: N802 - a constant of a module
        """Number of worst examples in a report."""

    def attributes(
        self, split: Split, metadata: Mapping[str, Any]
    ) -> tuple[dict[str, np.ndarray], dict[str, Sequence[str]]]:
        """By what examples are grouped: numbers, or places among the names of the same key."""

    def shown(self, split: Split, position: int, metadata: Mapping[str, Any]) -> dict[str, Any]:
        """Describe one example for a report."""
