"""TFLite files, run by LiteRT without TensorFlow."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import numpy as np

from dlcli.artifacts import metadata
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
        self._numbers = _numbers(document["input"])

    def predict_batch(self, raw: Examples) -> np.ndarray:
        """See `dlcli.artifacts.Predictor`."""
        numbers = self._numbers(raw)
        if len(numbers) != self._batch_size:
            self._interpreter.resize_tensor_input(self._input, numbers.shape)
            self._interpreter.allocate_tensors()
            self._batch_size = len(numbers)
        self._interpreter.set_tensor(self._input, numbers)
        self._interpreter.invoke()
        return np.asarray(self._interpreter.get_tensor(self._output))


def load(path: Path, num_threads: int | None = None) -> TFLitePredictor:
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
    return TFLitePredictor(interpreter, document)


def _numbers(described: dict[str, Any]) -> Callable[[Examples], np.ndarray]:
    """What makes the file's input of raw examples, by the `input` entry of the metadata."""
    if described["kind"] == "table":
        from dlcli.inputs import columns

        chosen = columns.from_metadata(described["columns"])
        return lambda raw: columns.matrix(cast(dict[str, np.ndarray], raw), chosen)
    if described["kind"] == "text":
        from dlcli.inputs import text

        tokenizer = text.from_metadata(described["tokens"])
        return lambda raw: tokenizer.ids(cast(np.ndarray, raw))
    return lambda raw: cast(np.ndarray, raw)
