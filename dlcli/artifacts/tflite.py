"""TFLite files, run by LiteRT without TensorFlow."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from dlcli import kinds
from dlcli.artifacts import Predictor, metadata, numbers
from dlcli.devices import local
from dlcli.errors import ArtifactError
from dlcli.inputs import affine
from dlcli.inputs.examples import Examples

_LARGEST_TENSOR = 256 * 2**20  # bytes an example; 1,024 x 1,024 pixels of 64 float32 channels


class TFLitePredictor:
    """A TFLite model; it takes any number of examples, whatever batch size the file has."""

    def __init__(self, interpreter: Any, document: dict[str, Any]) -> None:
        self.metadata = document
        self._affines = affine.from_metadata(document)
        self._interpreter = interpreter
        [details] = interpreter.get_input_details()
        self._input, self._output = details["index"], interpreter.get_output_details()[0]["index"]
        fixed = int(details["shape_signature"][0])
        self._fixed = fixed if fixed > 0 else 0
        if self._fixed:
            interpreter.allocate_tensors()
        self._shape: tuple[int, ...] = ()
        self._numbers = numbers.reader(document["input"])

    def predict_batch(self, raw: Examples) -> np.ndarray:
        """See `dlcli.artifacts.Predictor`."""
        array = self._numbers(self._affines.examples(raw))
        if not self._fixed:
            return self._affines.answers(self._invoke(array))
        parts = numbers.in_batches_of(self._fixed, array)
        answers = np.concatenate([self._invoke(part) for part in parts])[: len(array)]
        return self._affines.answers(answers)

    def _invoke(self, array: np.ndarray) -> np.ndarray:
        if not self._fixed and array.shape != self._shape:
            self._interpreter.resize_tensor_input(self._input, array.shape)
            self._interpreter.allocate_tensors()
            self._shape = array.shape
        self._interpreter.set_tensor(self._input, array)
        self._interpreter.invoke()
        return np.asarray(self._interpreter.get_tensor(self._output))


def _check_memory(interpreter: Any, path: Path) -> None:
    """See that no tensor of an example is out of all proportion, before there is memory for it.

    Raises:
        ArtifactError: one is.
    """
    fixed = max(int(interpreter.get_input_details()[0]["shape"][0]), 1)
    largest = max(
        math.prod(map(int, details["shape"])) * np.dtype(details["dtype"]).itemsize
        for details in interpreter.get_tensor_details()
        if details["dtype"] not in {np.bytes_, np.object_}
    )
    if largest > max(_LARGEST_TENSOR * fixed, path.stat().st_size):
        raise ArtifactError(
            f"{path} has a tensor of {largest / 2**20:,.0f} MiB. Expected at most "
            f"{_LARGEST_TENSOR / 2**20:,.0f} MiB an example: a file of "
            f"{path.stat().st_size:,} bytes would take all memory.",
            "Use the .keras file of the run, if the model is really so large.",
        )


def load(path: Path, num_threads: int | None = None) -> Predictor:
    """Load a `.tflite` file that dlcli wrote.

    Raises:
        ArtifactError: it is damaged, needs an operator that LiteRT lacks, or
            was not written by dlcli.
    """
    from ai_edge_litert.interpreter import Interpreter

    document = metadata.read_from_zip(path)
    try:
        interpreter = Interpreter(
            model_path=str(path), num_threads=num_threads or local.num_processors()
        )
        _check_memory(interpreter, path)
        if kinds.output_of(document["task"]).continues_text:
            from dlcli.artifacts.tflite_steps import TFLiteSteps

            return TFLiteSteps(interpreter, document)
        return TFLitePredictor(interpreter, document)
    except (ValueError, RuntimeError) as error:
        raise ArtifactError(f"{path} cannot be run by LiteRT: {error}.") from None
