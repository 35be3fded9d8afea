"""Beginnings of texts: which of their last characters the next one depends on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dlcli.explanation import integrated_gradients
from dlcli.explanation.attribution import Attribution, Explained, Method, Places
from dlcli.explanation.drawings.words import draw
from dlcli.explanation.subject import Subject

__all__ = ["AUTOMATIC", "METHODS", "draw", "places"]

AUTOMATIC = ("integrated-gradients",)


def places(subject: Subject, raw: np.ndarray) -> Places:
    """The characters, and whether the model tells each apart."""
    characters = list(raw[0])
    known = set(subject.metadata["input"]["characters"])
    return Places(characters, [character in known for character in characters])


def _integrated_gradients(subject: Subject) -> Method:
    def attribute(raw: np.ndarray, explained: Explained) -> Attribution:
        numbers = subject.network.numbers(raw)
        (vectors,) = subject.network.points(numbers)
        references, named = [np.zeros_like(vectors)], "as many characters without meaning"
        found = integrated_gradients.attribution(subject, explained, numbers, references, named)
        return replace(found, values=found.values.sum(axis=1))

    return attribute


METHODS = {"integrated-gradients": _integrated_gradients}
