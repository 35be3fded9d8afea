"""What is explained: a predictor, and the inside of it where it can be looked into."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from dlcli import kinds, outputs
from dlcli.artifacts import Predictor
from dlcli.artifacts.keras_file import KerasPredictor
from dlcli.catalog import did_you_mean
from dlcli.errors import DlcliError, UsageError
from dlcli.explanation.attribution import Explained

if TYPE_CHECKING:
    from dlcli.explanation import protocols
    from dlcli.explanation.network import Network
    from dlcli.prediction.protocols import Predicted


@dataclass(frozen=True)
class Subject:
    """A predictor to explain.

    Args:
        predictor: any artifact.
        typical: of a table, the cell that stands for each column, by key; else empty.
        typical_of: where these come from, such as "the train split".
    """

    predictor: Predictor
    typical: Mapping[str, Any] = field(default_factory=dict)
    typical_of: str = ""

    @property
    def metadata(self) -> dict[str, Any]:
        """The document of the artifact."""
        return self.predictor.metadata

    @property
    def has_gradients(self) -> bool:
        """Whether there is a Keras model, of a run or a `.keras` file."""
        return isinstance(self.predictor, KerasPredictor)

    @cached_property
    def network(self) -> Network:
        """The inside of a model that has gradients."""
        from dlcli.explanation.network import Network

        if not isinstance(self.predictor, KerasPredictor):
            raise DlcliError("an exported file other than .keras has no gradients.")
        return Network(self.predictor.model, self.metadata)

    @cached_property
    def output(self) -> protocols.OutputExplanation:
        """The module of what the predictor outputs."""
        module: protocols.OutputExplanation = outputs.module(
            "explanation", kinds.output_of(self.metadata["task"])
        )
        return module

    def explained(self, prediction: Predicted, name: str | None) -> Explained:
        """What of an answer is explained: the likeliest class, the first target, or what is named.

        Raises:
            UsageError: there is none of this name.
        """
        names = self.output.names(self.metadata)
        if name is not None:
            if name not in names:
                expected = f"Expected one of: {', '.join(names)}." if names else "It has none."
                raise UsageError(
                    f"the model knows no class or target '{name}'. {expected}"
                    f"{did_you_mean(name, names)}"
                )
            return Explained(names.index(name), name)
        index = names.index(prediction.best) if prediction.best in names else 0
        return Explained(index, names[index] if names else "")

    def value(self, answers: np.ndarray, explained: Explained) -> np.ndarray:
        """What is explained of answers, (batch,): a probability, a number, a mean forecast.

        Not of those to texts at every step: no method that asks for it explains them.
        """
        return self.output.value(answers, explained.index)

    def unit(self, explained: Explained, of_score: bool = True) -> str:
        """What attributions are measured in.

        Args:
            of_score: whether they are of the score of `Network`, not of the answer.
        """
        return self.output.unit(explained.name, self.metadata, of_score)
