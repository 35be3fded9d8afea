"""SavedModel folders, run by TensorFlow without Keras."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from dlcli.artifacts import metadata
from dlcli.errors import ArtifactError
from dlcli.inputs.examples import Examples

METADATA = Path("assets.extra") / metadata.MEMBER
SIGNATURE = "serving_default"


class SavedModelPredictor:
    """The raw signature of a SavedModel.

    Args:
        loaded: what `tf.saved_model.load` gave.
        document: the artifact's metadata.
    """

    def __init__(self, loaded: Any, document: dict[str, Any]) -> None:
        self._loaded = loaded  # keeps the variables alive
        self._call = loaded.signatures[SIGNATURE]
        self.metadata = document

    def predict_batch(self, raw: Examples) -> np.ndarray:
        """See `dlcli.artifacts.Predictor`."""
        import tensorflow as tf

        named = raw if isinstance(raw, dict) else {self.metadata["input"]["name"]: raw}
        answer = self._call(**{name: tf.constant(values) for name, values in named.items()})
        return np.asarray(answer[metadata.output_name(self.metadata)])


def load(path: Path) -> SavedModelPredictor:
    """Load a SavedModel that dlcli wrote.

    Raises:
        ArtifactError: it is damaged, or was not written by dlcli.
    """
    import tensorflow as tf

    try:
        document = metadata.parse((path / METADATA).read_bytes(), path)
    except OSError:
        raise ArtifactError(
            f"{path} holds no {METADATA}, so its classes and its input are unknown.",
            "Use a folder that dlcli export wrote.",
        ) from None
    try:
        return SavedModelPredictor(tf.saved_model.load(str(path)), document)
    except (OSError, ValueError, KeyError, tf.errors.OpError) as error:
        raise ArtifactError(f"{path} is damaged: {str(error).splitlines()[0]}") from None
