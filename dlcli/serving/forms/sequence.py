"""Whole series that are pasted or chosen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dlcli import prediction
from dlcli.artifacts import Predictor
from dlcli.events import Events
from dlcli.inputs import sequences
from dlcli.inputs.ts_files import WholeSeries
from dlcli.prediction import sequence as of_sequence
from dlcli.prediction.protocols import Predicted
from dlcli.serving import forms, values

_STEPS_IN_EXAMPLE = 3


def page(document: Mapping[str, Any], serving: str, writes_text: bool) -> dict[str, Any]:
    """Its form, with the size of a series."""
    steps, channels = document["input"]["shape"]
    return {
        "form": "series",
        "does": forms.says(document, "what a series is", "a series"),
        "examples": forms.examples_of_values(_STEPS_IN_EXAMPLE, channels),
        "steps": steps,
        "channels": channels,
    }


def predict_values(
    predictor: Predictor, given: Sequence[Any], top_k: int, events: Events
) -> tuple[Iterator[Predicted], None]:
    """Predict whole series of one channel, or one series of several channels."""
    num_steps, num_channels = predictor.metadata["input"]["shape"]
    if num_channels == 1:
        nested = any(isinstance(each, list) for each in given)
        several = [
            values.steps(each, ["values"], "channels") for each in (given if nested else [given])
        ]
    else:
        channels = [f"channel {place}" for place in range(1, num_channels + 1)]
        several = [values.steps(given, channels, "channels")]
    found = WholeSeries(
        tuple(several), (), tuple(f"series {place}" for place in range(1, len(several) + 1))
    )
    found = sequences.with_lengths_noted(found, num_steps, values.NAME)
    source = of_sequence.of_series(predictor, [found], [values.NAME], events)
    parts = prediction.predict(predictor, source, top_k=top_k)
    return (one for part in parts for one in part.predictions()), None
