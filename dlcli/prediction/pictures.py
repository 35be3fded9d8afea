"""Pictures are made, not predicted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dlcli.artifacts import Predictor
from dlcli.errors import UsageError
from dlcli.prediction.prediction import Prediction


def predict(predictor: Predictor, inputs: Sequence[str], top_k: int) -> Iterator[Prediction]:
    """Refuse.

    Raises:
        UsageError: always.
    """
    raise refusal()


def refusal() -> UsageError:
    """Why nothing is predicted, of inputs as of splits, and what to do instead."""
    return UsageError(
        "this model makes pictures of noise; there is nothing to predict.",
        "Make some: dlcli generate latest --count 64 --output pictures.png",
    )
