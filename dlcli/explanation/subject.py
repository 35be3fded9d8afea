"""What is explained: a predictor, and the inside of it where it can be looked into."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from dlcli import kinds, shown
from dlcli.artifacts import Predictor
from dlcli.catalog import did_you_mean
from dlcli.errors import UsageError
from dlcli.explanation.attribution import Explained
from dlcli.prediction import Prediction

if TYPE_CHECKING:
    from dlcli.explanation.network import Network


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
        return hasattr(self.predictor, "model")

    @cached_property
    def network(self) -> Network:
        """The inside of a model that has gradients."""
        from dlcli.explanation.network import Network

        return Network(self.predictor.model, self.metadata)  # type: ignore[attr-defined]

    def explained(self, prediction: Prediction, name: str | None) -> Explained:
        """What of an answer is explained: the likeliest class, the first target, or what is named.

        Args:
            prediction: the answer.
            name: of a class or target, or None.

        Raises:
            UsageError: there is none of this name.
        """
        names = self.names
        if name is not None:
            if name not in names:
                expected = f"Expected one of: {', '.join(names)}." if names else "It has none."
                raise UsageError(
                    f"the model knows no class or target '{name}'. {expected}"
                    f"{did_you_mean(name, names)}"
                )
            return Explained(names.index(name), name)
        index = names.index(prediction.classes[0][0]) if prediction.classes else 0
        return Explained(index, names[index] if names else "")

    @property
    def names(self) -> list[str]:
        """Of the classes, or of the targets."""
        if self.metadata["class_names"]:
            return list(self.metadata["class_names"])
        if "forecast" in self.metadata:
            return [target["name"] for target in self.metadata["forecast"]["targets"]]
        return [self.metadata["target"]] if self.metadata["target"] else []

    def value(self, answers: np.ndarray, explained: Explained) -> np.ndarray:
        """What is explained of answers, (batch,): a probability, a number, a mean forecast.

        Not of those to texts at every step: no method that asks for it explains them.
        """
        if kinds.output_of(self.metadata["task"]).name == "forecasting":
            return answers[:, :, explained.index].mean(axis=1)
        return answers[:, explained.index]

    def unit(self, explained: Explained, of_score: bool = True) -> str:
        """What attributions are measured in.

        Args:
            explained: what is explained.
            of_score: whether they are of the score of `Network`, not of the answer.
        """
        if self.metadata["class_names"]:
            what = "log-odds" if of_score else "probability"
            return f"{what} of '{shown.escaped(explained.name)}'"
        if self.metadata.get("forecast", {}).get("horizon", 1) > 1:
            return f"mean forecast of {shown.escaped(explained.name)}"
        return explained.name or "the prediction"
