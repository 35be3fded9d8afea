"""TFLite files, run by LiteRT without TensorFlow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from dlcli.artifacts import Predictor, metadata
from dlcli.errors import ArtifactError
from dlcli.inputs.examples import Examples


class TFLitePredictor:
    """A TFLite model; the batch size follows what it is given.

    Args:
        interpreter: a LiteRT interpreter.
        document: the artifact's metadata.
    """

    def __init__(self, interpreter: Any, document: dict[str, Any]) -> None:
        self.metadata = document
        self._interpreter = interpreter
        self._input = interpreter.get_input_details()[0]["index"]
        self._output = interpreter.get_output_details()[0]["index"]
        self._batch_size = -1

    def predict_batch(self, raw: Examples) -> np.ndarray:
        """See `dlcli.artifacts.Predictor`."""
        if isinstance(raw, dict):
            from dlcli.inputs import columns

            described = self.metadata["input"]["columns"]
            raw = columns.matrix(raw, columns.from_metadata(described))
        if len(raw) != self._batch_size:
            self._interpreter.resize_tensor_input(self._input, raw.shape)
            self._interpreter.allocate_tensors()
            self._batch_size = len(raw)
        self._interpreter.set_tensor(self._input, raw)
        self._interpreter.invoke()
        return np.asarray(self._interpreter.get_tensor(self._output))


def load(path: Path, num_threads: int | None = None) -> Predictor:
    """Load a `.tflite` file that dlcli wrote.

    Raises:
        ArtifactError: it is damaged, needs an operator that LiteRT lacks, or
            was not written by dlcli.
    """
    from ai_edge_litert.interpreter import Interpreter

    document = metadata.read_from_zip(path)
    try:
        interpreter = Interpreter(model_path=str(path), num_threads=num_threads)
    except (ValueError, RuntimeError) as error:
        raise ArtifactError(f"{path} cannot be run by LiteRT: {error}.") from None
    if document["task"] == "text-generation":
        from dlcli.artifacts.tflite_steps import TFLiteSteps

        return TFLiteSteps(interpreter, document)
    return TFLitePredictor(interpreter, document)
