"""`.keras` files: the end-to-end model."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dlcli import catalog
from dlcli.artifacts import contents, manifest, metadata, threads
from dlcli.errors import ArtifactError
from dlcli.inputs import affine
from dlcli.inputs.examples import Examples

if TYPE_CHECKING:
    import keras


class KerasPredictor:
    """A Keras model, compiled to one graph for any batch size."""

    runs_in_tensorflow = True

    def __init__(self, model: keras.Model, document: dict[str, Any]) -> None:
        import tensorflow as tf

        self.model = model
        self.metadata = document
        self._affines = affine.from_metadata(document)
        self._call = tf.function(
            lambda raw: model(raw, training=False), input_signature=[input_spec(model)]
        )

    def predict_batch(self, raw: Examples) -> np.ndarray:
        """See `dlcli.artifacts.Predictor`."""
        return self._affines.answers(np.asarray(self._call(self._affines.examples(raw))))


def input_spec(model: keras.Model) -> Any:
    """The model's raw input with any batch size, a `tf.TensorSpec` or a dict of them by key.

    Their names are those of a signature.
    """
    import keras
    import tensorflow as tf

    return keras.tree.map_structure(
        lambda raw: tf.TensorSpec([None, *raw.shape[1:]], raw.dtype, raw.name), model.input
    )


def load(path: Path, *, trust: bool = False, num_threads: int | None = None) -> KerasPredictor:
    """Load a `.keras` file that dlcli wrote.

    Args:
        trust, num_threads: see `dlcli.artifacts.load`.

    Raises:
        ArtifactError: it is damaged, was not written by dlcli, or is not trusted.
    """
    document = metadata.read_from_zip(path)
    if not trust:
        manifest.check_if_listed(path)
        contents.check(path)
    import keras

    threads.limit_tensorflow(num_threads)
    # Registers our layers with Keras.
    for name in catalog.layer_names():
        importlib.import_module(f"dlcli.layers.{name}")
    try:
        model = keras.saving.load_model(path, compile=False, safe_mode=not trust)
    # Keras raises whatever the damaged part of the file makes it stumble over.
    except Exception as error:  # noqa: BLE001
        raise ArtifactError(
            f"{path} is damaged or not a model that Keras loads: {str(error).splitlines()[0]}"
        ) from None
    return KerasPredictor(model, document)
