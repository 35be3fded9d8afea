"""What each package needs of a kind's file in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import keras
    import numpy as np

    from dlcli.data import DataSpec, Split
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
