"""One class of several, as a probability for each."""

from __future__ import annotations

import keras

from dlcli.data import DataSpec
from dlcli.outputs.protocols import Metrics


def head(features: keras.KerasTensor, spec: DataSpec) -> keras.KerasTensor:
    """Probabilities (batch, ..., num_classes)."""
    # The gradient of a bias that many steps share would be summed up in bfloat16: of 3,200 numbers
    # that sum was 40 % off.
    dtype = "float32" if len(features.shape) > 2 else None
    scores = keras.layers.Dense(len(spec.class_names), dtype=dtype, name="scores")(features)
    return keras.layers.Activation("softmax", dtype="float32", name="probabilities")(scores)


def loss(spec: DataSpec) -> str:
    """Mean cross-entropy in nats."""
    return "sparse_categorical_crossentropy"


METRICS: Metrics = {"accuracy": lambda spec: keras.metrics.SparseCategoricalAccuracy("accuracy")}
