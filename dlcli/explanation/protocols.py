"""Protocols of the modules for kinds and outputs in `dlcli.explanation`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import keras
    import numpy as np
    import tensorflow as tf

    from dlcli.explanation.attribution import Explanation as Explained
    from dlcli.explanation.attribution import Method, Places
    from dlcli.explanation.subject import Subject


class OutputExplanation(Protocol):
    """`dlcli.explanation`: what of a prediction is explained."""

    @property
    def mistakes(
        self,
    ) -> Callable[[np.ndarray, np.ndarray, Mapping[str, Any]], np.ndarray] | None:
        """From answers, targets and metadata to the positions of mistakes, the worst first."""

    def names(self, metadata: Mapping[str, Any]) -> list[str]:
        """Names of the classes or targets that can be explained, in the order of the last axis."""

    def value(self, answers: np.ndarray, index: int) -> np.ndarray:
        """Select the value of a class or target from predictions (batch, ...): (batch,)."""

    def unit(self, name: str, metadata: Mapping[str, Any], of_score: bool) -> str:
        """Unit of the attributions of a class or target: its score, or its value."""

    def scored(self, core: keras.Model) -> keras.KerasTensor:
        """The tensor of the core that scores are made of."""

    def score(self, output: tf.Tensor, index: tf.Tensor) -> tf.Tensor:
        """Select the differentiated value of a class or target, (batch,), from `scored`."""


class KindExplanation(Protocol):
    """`dlcli.explanation`: which parts of an input count, and how they are shown."""

    @property
    def METHODS(self) -> Mapping[str, Callable[[Subject], Method]]:  # noqa: N802 - a constant
        """Functions that prepare each method of explaining this kind, by its name."""

    @property
    def AUTOMATIC(self) -> Sequence[str]:  # noqa: N802 - a constant
        """The methods that are taken without being asked for, where they are possible."""

    def places(self, subject: Subject, raw: Any) -> Places:
        """Label the values of an attribution, such as by words; for a batch of one."""

    def draw(self, explanation: Explained, path: Path) -> None:
        """Draw the picture."""
