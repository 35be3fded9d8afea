"""SavedModel folders, run by TensorFlow without Keras."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dlcli.artifacts import manifest, metadata, threads
from dlcli.errors import ArtifactError
from dlcli.inputs import affine
from dlcli.inputs.examples import Examples

METADATA = Path("assets.extra") / metadata.MEMBER
SIGNATURE, ENCODED = "serving_default", "encoded"


class SavedModelPredictor:
    """The raw signature of a SavedModel."""

    runs_in_tensorflow = True

    def __init__(self, loaded: Any, document: dict[str, Any]) -> None:
        self._loaded = loaded  # keeps the variables alive
        self._call = loaded.signatures[SIGNATURE]
        self.metadata = document
        self._affines = affine.from_metadata(document)

    def predict_batch(self, raw: Examples) -> np.ndarray:
        """See `dlcli.artifacts.Predictor`."""
        import tensorflow as tf

        given = self._affines.examples(raw)
        named = given if isinstance(given, dict) else {self.metadata["input"]["name"]: given}
        answer = self._call(**{name: tf.constant(values) for name, values in named.items()})
        return self._affines.answers(np.asarray(answer[metadata.output_name(self.metadata)]))

    def predict_encoded(self, files: Sequence[bytes]) -> np.ndarray:
        """Answers to files of images, float32 (num_files, ...), by the signature for them."""
        import tensorflow as tf

        answer = self._loaded.signatures[ENCODED](image_bytes=tf.constant(list(files)))
        return np.asarray(answer[metadata.output_name(self.metadata)])


def read_metadata(path: Path) -> dict[str, Any]:
    """The metadata that a SavedModel carries.

    Raises:
        ArtifactError: it was not written by dlcli.
    """
    try:
        return metadata.parse((path / METADATA).read_bytes(), path)
    except OSError:
        raise ArtifactError(
            f"{path} holds no {METADATA}, so its classes and its input are unknown.",
            "Use a folder that dlcli export wrote.",
        ) from None


def load(path: Path, *, trust: bool = False, num_threads: int | None = None) -> SavedModelPredictor:
    """Load a SavedModel that dlcli wrote.

    Args:
        trust, num_threads: see `dlcli.artifacts.load`.

    Raises:
        ArtifactError: it is damaged, was not written by dlcli, or is not trusted.
    """
    document = read_metadata(path)
    if not trust:
        manifest.check(path)
    import tensorflow as tf

    threads.limit_tensorflow(num_threads)
    try:
        return SavedModelPredictor(tf.saved_model.load(str(path)), document)
    except (OSError, ValueError, KeyError, tf.errors.OpError) as error:
        raise ArtifactError(f"{path} is damaged: {str(error).splitlines()[0]}") from None
