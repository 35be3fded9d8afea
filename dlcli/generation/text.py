"""Text from a model of its next character, its state carried on from character to character.

Nothing here imports TensorFlow: a `.tflite` file generates without it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from dlcli import artifacts, kinds
from dlcli.errors import UsageError
from dlcli.inputs.characters import NUM_RESERVED, Alphabet


class Stepper(Protocol):
    """A model that goes step by step; `metadata` is that of its artifact."""

    metadata: dict[str, Any]

    def start(self, batch_size: int) -> Any:
        """The state before any text."""
        ...

    def step(self, token_ids: np.ndarray, state: Any) -> tuple[np.ndarray, Any]:
        """Read one more character.

        Args:
            token_ids: int32 (batch,).
            state: that of `start` or of the last step.

        Returns:
            Probabilities of the next character, float32 (batch, num_characters), and the state.
        """
        ...


def load(path: Path, *, trust: bool = False) -> Stepper:
    """Load a run or an exported file that generates text.

    A SavedModel and an `.onnx` file take whole texts: they are read all over again for each
    character, and write the same.

    Args:
        path: what to load.
        trust: see `dlcli.artifacts.load`.

    Raises:
        UsageError: it is something else.
        ArtifactError: it is damaged, or was not written by dlcli.
    """
    format_name, file = artifacts.identify(path)
    if format_name not in {"keras", "tflite"}:
        from dlcli.generation.whole_texts import WholeTexts

        whole = artifacts.load(file, trust=trust)
        _check(path, whole.metadata["task"])
        return WholeTexts(whole)
    if format_name == "tflite":
        from dlcli.artifacts import tflite
        from dlcli.artifacts.tflite_steps import TFLiteSteps

        predictor = tflite.load(file)
        if not isinstance(predictor, TFLiteSteps):
            raise _another(path, predictor.metadata["task"])
        return predictor
    from dlcli.artifacts import keras_file

    model = keras_file.load(file, trust=trust)
    _check(path, model.metadata["task"])
    from dlcli.generation import keras_steps

    return keras_steps.of(model)


def _check(path: Path, task: str) -> None:
    if not kinds.output_of(task).continues_text:
        raise _another(path, task)


def _another(path: Path, task: str) -> UsageError:
    able = [name for name, (_, output) in kinds.tasks().items() if output.continues_text]
    return UsageError(
        f"{path} is a model of {task}; text comes from one of {' or '.join(able)}.",
        "Train one: dlcli train char-lstm --data FILE",
    )


class Generator:
    """Writes text, one character after another.

    Args:
        stepper: the model.
        temperature: probabilities are raised to the power of 1 / temperature: below 1 the
            likely becomes likelier; 0 takes the likeliest always.
        top_k: only so many of the likeliest characters are drawn from; None for all.
        seed: the same seed writes the same text, on any machine and with any NumPy, as far
            as the probabilities are equal.
    """

    def __init__(
        self, stepper: Stepper, *, temperature: float = 1.0, top_k: int | None = None, seed: int = 0
    ) -> None:
        self.alphabet = Alphabet(stepper.metadata["class_names"])
        self._stepper, self._temperature, self._top_k = stepper, temperature, top_k
        # The raw stream is promised to stay as it is, the methods of a Generator are not.
        self._draws = np.random.PCG64(seed)

    def unknown(self, prompt: str) -> str:
        """The characters of a prompt that the model takes for one, the unknown."""
        return self.alphabet.unknown(prompt)

    def generate(self, prompt: str, length: int) -> Iterator[str]:
        """Go on with a text.

        Args:
            prompt: what comes before; of an empty one the text begins after a line's end.
            length: characters to write.

        Yields:
            One character after another, each as soon as it is drawn.
        """
        state = self._stepper.start(1)
        for token in self.alphabet.encode(prompt or "\n"):
            probabilities, state = self._stepper.step(np.array([token], np.int32), state)
        for position in range(length):
            token = self._choose(probabilities[0])
            yield self.alphabet.class_names[token]
            if position + 1 < length:
                probabilities, state = self._stepper.step(np.array([token], np.int32), state)

    def _choose(self, probabilities: np.ndarray) -> int:
        """Draw a character; padding and the unknown are none."""
        weights = probabilities.astype(np.float64)
        weights[:NUM_RESERVED] = 0
        if self._temperature == 0:
            return int(weights.argmax())
        if self._top_k is not None and self._top_k < len(weights):
            # A stable order, so that of equal ones the first are kept.
            weights[np.argsort(-weights, kind="stable")[self._top_k :]] = 0
        # By the largest, so that a small temperature leaves something of it.
        weights = (weights / weights.max()) ** (1 / self._temperature)
        total = np.cumsum(weights)
        draw = (self._draws.random_raw() >> 11) / 2.0**53  # in [0, 1)
        return int(np.searchsorted(total, draw * total[-1], side="right"))
