"""Step by step through an artifact of whole texts: it reads all of one for each character."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dlcli.artifacts import Predictor


class WholeTexts:
    """See `dlcli.generation.text.Stepper`; the state is the texts so far.

    What it answers is what a model that carries its state gives, in a time that grows with the
    square of the length.

    Args:
        predictor: of a text generator, in any format.
    """

    def __init__(self, predictor: Predictor) -> None:
        self.metadata = predictor.metadata
        self._predictor = predictor
        self._characters = predictor.metadata["class_names"]

    def start(self, batch_size: int) -> Sequence[str]:
        """See `dlcli.generation.text.Stepper`."""
        return [""] * batch_size

    def step(self, token_ids: np.ndarray, state: Sequence[str]) -> tuple[np.ndarray, Sequence[str]]:
        """See `dlcli.generation.text.Stepper`."""
        texts = [
            text + self._characters[token] for text, token in zip(state, token_ids, strict=True)
        ]
        answers = self._predictor.predict_batch(np.array(texts, object))
        if answers.ndim == 3:  # one after each character; the texts are of one length
            answers = answers[:, len(texts[0]) - 1]
        return answers, texts
