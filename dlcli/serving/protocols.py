"""Protocols of the modules for kinds and outputs in `dlcli.serving`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from dlcli.events import Events

if TYPE_CHECKING:
    from dlcli.artifacts import Predictor
    from dlcli.prediction.protocols import Predicted


class Form(Protocol):
    """`dlcli.serving.forms`: what the page of a model shows of its kind of data."""

    def page(self, document: Mapping[str, Any], serving: str, writes_text: bool) -> dict[str, Any]:
        """Describe the model to `page.js`.

        Args:
            document: metadata of the artifact.
            serving: address for requests of TensorFlow Serving.
            writes_text: whether it can continue a text.

        Returns:
            "form", which of its forms; "does", a sentence; "examples", (title, command) pairs of
            requests from a shell; and what the form asks for. The form "file" takes any file: it
            asks for "label", of its button, and "accept", such as ".wav,audio/*".
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
