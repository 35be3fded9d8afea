"""Texts: which words speak for a class, and which the attention is on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from dlcli.explanation import _steps, integrated_gradients, occlusion
from dlcli.explanation.attribution import Attribution, Explained, Method, Places
from dlcli.explanation.drawings.words import draw
from dlcli.explanation.subject import Subject
from dlcli.inputs import text

__all__ = ["AUTOMATIC", "METHODS", "draw", "places"]

AUTOMATIC = ("integrated-gradients", "attention")

_EMPTY = "(empty)"


def places(subject: Subject, raw: Any) -> Places:
    """The words that the model reads, and whether it knows each.

    Of a text without any there is one place: the network reads a step of padding.
    """
    tokenizer = text.from_metadata(subject.metadata["input"]["tokens"])
    words = tokenizer.kept(raw[0])
    known = set(tokenizer.vocabulary)
    return Places(words or [_EMPTY], [word in known for word in words] or [False])


def _integrated_gradients(subject: Subject) -> Method:
    def attribute(raw: np.ndarray, explained: Explained) -> Attribution:
        numbers = subject.network.numbers(raw)
        (vectors,) = subject.network.points(numbers)
        found = integrated_gradients.attribution(
            subject, explained, numbers, [np.zeros_like(vectors)], "as many words without meaning"
        )
        count = len(places(subject, raw).names)
        # Padding changes nothing, and so its values are 0: a test holds it.
        return replace(found, values=found.values.sum(axis=1)[:count])

    return attribute


def _occlusion(subject: Subject) -> Method:
    def attribute(raw: np.ndarray, explained: Explained) -> Attribution:
        words = [word for word in places(subject, raw).names if word != _EMPTY]
        # Words with spaces between them are cut into the same words again.
        variants = [
            np.array([" ".join(words[:place] + words[place + 1 :])], object)
            for place in range(max(len(words), 1))
        ]
        whole = np.array([" ".join(words)], object)
        reference = "the text without the word"
        return occlusion.attribution(subject, explained, whole, variants, reference)

    return attribute


METHODS = {
    "integrated-gradients": _integrated_gradients,
    "attention": _steps.attention,
    "occlusion": _occlusion,
}
