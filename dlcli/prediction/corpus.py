"""Beginnings of texts, one a line: which character follows each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from dlcli.artifacts import Predictor
from dlcli.inputs import text_files
from dlcli.inputs.images import display_name
from dlcli.prediction.prediction import Prediction, answered

_BATCH_SIZE = 64


def predict(predictor: Predictor, inputs: Sequence[str], top_k: int) -> Iterator[Prediction]:
    """Predict the character after each line of text files, in the order given.

    Args:
        predictor: a text generator.
        inputs: files with one text a line, or "-" for standard input.
        top_k: characters an answer.

    Yields:
        One prediction a line; of an empty one an error.

    Raises:
        DataError: a file cannot be read.
    """
    for source in inputs:
        path = Path("/dev/stdin" if source == "-" else source)
        data = text_files.content(path, display_name(path), "a text")
        lines = text_files.decoded(data, "auto", display_name(path)).splitlines()
        yield from predict_texts(predictor, lines, top_k)


def predict_texts(predictor: Predictor, texts: Sequence[str], top_k: int) -> Iterator[Prediction]:
    """Predict the character after each text; see `predict`."""
    for start in range(0, len(texts), _BATCH_SIZE):
        batch = texts[start : start + _BATCH_SIZE]
        good = [text for text in batch if text]
        answers = iter(_last(predictor, good) if good else ())
        for text in batch:
            if text:
                yield answered(text, next(answers), predictor, top_k)
            else:
                yield Prediction(text, error="the text is empty")


def of_split(
    predictor: Predictor,
    names: Sequence[str],
    answers: np.ndarray,
    targets: np.ndarray,
    top_k: int,
) -> Iterator[Prediction]:
    """The character after each window of a split, beside the one that is there.

    Args:
        predictor: who gave the answers.
        names: of the windows.
        answers: float (num_windows, num_characters), or (num_windows, steps, num_characters) of
            which the last step counts.
        targets: int (num_windows,) or (num_windows, steps).
        top_k: characters an answer.
    """
    characters = predictor.metadata["class_names"]
    last = (answers[:, -1], targets[:, -1]) if targets.ndim > 1 else (answers, targets)
    for name, answer, target in zip(names, *last, strict=True):
        truth = characters[int(target)]
        yield answered(name, answer, predictor, top_k, true_class=truth)


def _last(predictor: Predictor, texts: list[str]) -> list[np.ndarray]:
    """The probabilities after the last character of each text, (num_characters,)."""
    answers = predictor.predict_batch(np.array(texts, object))
    if answers.ndim == 2:  # of a model that predicts at the last step only
        return list(answers)
    return [answer[len(text) - 1] for answer, text in zip(answers, texts, strict=True)]
