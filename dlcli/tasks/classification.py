"""One class of several, as a probability for each."""

from __future__ import annotations

import keras

from dlcli.data import DataSpec
from dlcli.tasks.task import Task


def _head(features: keras.KerasTensor, spec: DataSpec) -> keras.KerasTensor:
    """Probabilities (batch, ..., num_classes)."""
    scores = keras.layers.Dense(len(spec.class_names), name="scores")(features)
    return keras.layers.Activation("softmax", dtype="float32", name="probabilities")(scores)


TASK = Task(
    head=_head,
    loss=lambda spec: "sparse_categorical_crossentropy",
    metrics={"accuracy": lambda spec: keras.metrics.SparseCategoricalAccuracy("accuracy")},
    monitor="accuracy",
    higher_is_better=True,
)
