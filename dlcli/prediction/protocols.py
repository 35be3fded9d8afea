"""Protocols of the modules for kinds and outputs in `dlcli.prediction`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from dlcli.events import Events

if TYPE_CHECKING:
    import numpy as np

    from dlcli.artifacts import Predictor
    from dlcli.prediction.prediction import Cell
    from dlcli.prediction.prediction import Column as Heading
    from dlcli.prediction.source import Source as Inputs


class Predicted(Protocol):
    """A model's prediction for one input; a dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def input(self) -> str:
        """Name of the input: a file name, "-", a table's row, a step, or an example's name."""

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
        """Decode many predictions into arrays (num_inputs, ...) of numbers or objects."""

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
