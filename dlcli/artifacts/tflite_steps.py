"""TFLite files of text generators, run by LiteRT step by step without TensorFlow."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcli.inputs.characters import Alphabet
from dlcli.inputs.examples import Examples

_SIGNATURE = "serving_default"
_INPUT, _OUTPUT = "token_ids", "probabilities"


class TFLiteSteps:
    """A graph of one step, its state carried here; see `dlcli.generation.text.Stepper`."""

    def __init__(self, interpreter: Any, document: dict[str, Any]) -> None:
        self.metadata = document
        self._interpreter = interpreter
        self._alphabet = Alphabet(document["class_names"])
        runner = interpreter.get_signature_runner(_SIGNATURE)
        self._only_one = all(
            tensor["shape_signature"][0] == 1 for tensor in interpreter.get_input_details()
        )
        # By index: the runner of a signature takes as long as the step itself.
        self._inputs = {
            name: tensor["index"] for name, tensor in runner.get_input_details().items()
        }
        self._outputs = {
            name: tensor["index"] for name, tensor in runner.get_output_details().items()
        }
        self._sizes = {
            name: int(tensor["shape"][1])
            for name, tensor in runner.get_input_details().items()
            if name != _INPUT
        }
        self._batch_size = -1

    def start(self, batch_size: int) -> dict[str, np.ndarray]:
        """The state before any text: zeros."""
        return {
            name: np.zeros((batch_size, size), np.float32) for name, size in self._sizes.items()
        }

    def step(
        self, token_ids: np.ndarray, state: dict[str, np.ndarray]
    ) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Read one more character of each text; see `dlcli.generation.text.Stepper`."""
        interpreter = self._interpreter
        values = {_INPUT: token_ids.astype(np.int32)[:, None], **state}
        if len(token_ids) != self._batch_size:
            for name, value in values.items():
                interpreter.resize_tensor_input(self._inputs[name], value.shape)
            interpreter.allocate_tensors()
            self._batch_size = len(token_ids)
        for name, value in values.items():
            interpreter.set_tensor(self._inputs[name], value)
        interpreter.invoke()
        after = {name: interpreter.get_tensor(self._outputs[name]) for name in state}
        return interpreter.get_tensor(self._outputs[_OUTPUT]), after

    def predict_batch(self, raw: Examples) -> np.ndarray:
        """Read texts from their beginnings; see `dlcli.artifacts.Predictor`.

        Args:
            raw: str objects (batch,).

        Returns:
            What the end-to-end model gives: probabilities after each character, float32
            (batch, steps, num_characters), or of a model that was trained to predict at the
            last step those after the last, (batch, num_characters). Those after the end of a
            text that is shorter than the longest mean nothing.
        """
        if self._only_one and len(raw) > 1:
            return self._padded([self.predict_batch(np.array([text], object))[0] for text in raw])
        ids = self._alphabet.batch(raw)
        state, answers = self.start(len(ids)), []
        for column in ids.T:
            probabilities, state = self.step(column, state)
            answers.append(probabilities)
        every_step = np.stack(answers, axis=1)  # (batch, steps, num_characters)
        if self.metadata["input"]["predict"] == "every-step":
            return every_step
        last = [max(len(text), 1) - 1 for text in raw]
        return every_step[np.arange(len(ids)), last]

    @staticmethod
    def _padded(answers: list[np.ndarray]) -> np.ndarray:
        """Answers to single texts as one array; what follows the end of a text is zero."""
        padded = np.zeros(
            (len(answers), *np.max([each.shape for each in answers], axis=0)), np.float32
        )
        for row, answer in zip(padded, answers, strict=True):
            row[: len(answer)] = answer
        return padded
