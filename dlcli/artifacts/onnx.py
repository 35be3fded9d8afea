"""ONNX files, run by ONNX Runtime without TensorFlow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from dlcli.artifacts import metadata, numbers
from dlcli.devices import local
from dlcli.errors import ArtifactError, DlcliError
from dlcli.inputs import affine
from dlcli.inputs.examples import Examples


class OnnxPredictor:
    """An ONNX model; it takes any number of examples, whatever batch size the file has."""

    def __init__(self, session: Any, document: dict[str, Any]) -> None:
        self.metadata = document
        self._affines = affine.from_metadata(document)
        self._session = session
        [self._input] = session.get_inputs()
        self._numbers = numbers.reader(document["input"])

    def predict_batch(self, raw: Examples) -> np.ndarray:
        """See `dlcli.artifacts.Predictor`."""
        array = self._numbers(self._affines.examples(raw))
        fixed = self._input.shape[0]
        if not isinstance(fixed, int):  # a name, where the size is free
            return self._affines.answers(self._run(array))
        parts = numbers.in_batches_of(fixed, array)
        answers = np.concatenate([self._run(part) for part in parts])[: len(array)]
        return self._affines.answers(answers)

    def _run(self, array: np.ndarray) -> np.ndarray:
        [answer] = self._session.run(None, {self._input.name: array})
        return np.asarray(answer)


def load(path: Path, num_threads: int | None = None) -> OnnxPredictor:
    """Load an `.onnx` file that dlcli wrote.

    Raises:
        DlcliError: ONNX Runtime is not installed.
        ArtifactError: the file is damaged, or was not written by dlcli.
    """
    try:
        import onnxruntime
    except ImportError:
        raise DlcliError(
            f"{path} is an ONNX file, and the package onnxruntime is not installed.",
            "Install it: pip install 'dlcli[onnx]'",
        ) from None
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # errors alone
    options.intra_op_num_threads = num_threads or local.num_processors()
    try:
        session = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )
    # ONNX Runtime's exceptions have no base class of their own.
    except Exception as error:  # noqa: BLE001
        reason = str(error).splitlines()[0]
        raise ArtifactError(f"{path} cannot be run by ONNX Runtime: {reason}") from None
    described = session.get_modelmeta().custom_metadata_map
    return OnnxPredictor(session, metadata.parse(described.get(metadata.MEMBER, ""), path))
