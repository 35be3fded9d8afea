"""The inside of an end-to-end model: where its numbers enter, and the scores before the answer."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from dlcli import kinds, outputs
from dlcli.artifacts.keras_file import input_spec
from dlcli.explanation import protocols
from dlcli.inputs import affine
from dlcli.inputs.examples import Examples


class Network:
    """What of an end-to-end model can be differentiated.

    The preprocessor makes numbers of raw examples. Of texts these are tokens, which the first
    layer makes vectors of, and these are what a gradient can be taken by; of all else it is the
    numbers themselves. Both are called points here.

    What is differentiated is a score, see the file of the output.
    """

    def __init__(self, model: keras.Model, metadata: dict[str, Any]) -> None:
        self.preprocessor, self.core = model.get_layer("preprocessor"), model.get_layer("core")
        self.metadata = metadata
        self._affines = affine.from_metadata(metadata)
        module: protocols.OutputExplanation = outputs.module(
            "explanation", kinds.output_of(metadata["task"])
        )
        self._score = module.score
        self.output = module.scored(self.core)
        numbers = self.core.input
        vectors = _vectors(self.core) if numbers.dtype == "int32" else numbers
        self._enter = keras.Model(numbers, vectors) if vectors is not numbers else None
        inputs = [numbers, vectors] if self._enter else [numbers]
        self._leave = keras.Model(inputs, self.output)
        self._numbers = tf.function(
            lambda raw: self.preprocessor(raw, training=False),
            input_signature=[input_spec(self.preprocessor)],
        )
        self._gradient = tf.function(
            self._scores_and_gradients,
            input_signature=[
                tf.TensorSpec([None, *numbers.shape[1:]], numbers.dtype),
                tf.TensorSpec([None, *vectors.shape[1:]], vectors.dtype),
                tf.TensorSpec([], tf.int32),
            ],
        )

    def numbers(self, raw: Examples) -> np.ndarray:
        """Raw examples as the core takes them."""
        return np.asarray(self._numbers(self._affines.examples(raw)))

    def points(self, numbers: np.ndarray) -> np.ndarray:
        """Where gradients are taken: vectors (batch, steps, size) of tokens, else the numbers."""
        return np.asarray(self._enter(numbers, training=False)) if self._enter else numbers

    def gradient(
        self, numbers: np.ndarray, points: np.ndarray, index: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Scores of a class or target, and their gradients by the points.

        Args:
            numbers: (1, ...); of tokens, those that the points stand for.
            points: float32 (batch, ...).
            index: of the class or target.

        Returns:
            Float (batch,) and (batch, ...), of numbers in the target's units.
        """
        repeated = np.repeat(numbers, len(points), axis=0)
        scores, gradients = self._gradient(repeated, points, index)
        for each in self._affines.outputs:
            if each.key == index:
                return each.to_units(np.asarray(scores)), np.asarray(gradients) * each.scale
        return np.asarray(scores), np.asarray(gradients)

    def _scores_and_gradients(
        self, numbers: tf.Tensor, points: tf.Tensor, index: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(points)
            inputs = [numbers, points] if self._enter else points
            scores = self._score(self._leave(inputs, training=False), index)
        return scores, tape.gradient(scores, points, unconnected_gradients="zero")


def _vectors(core: keras.Model) -> keras.KerasTensor:
    """What stands for the tokens when the network begins, (batch, steps, size)."""
    names = {layer.name for layer in core.layers}
    if "bigrams" in names:  # the vectors of tokens and of pairs of them, added up
        return next(layer for layer in core.layers if isinstance(layer, keras.layers.Add)).output
    if "embedding" in names:
        return core.get_layer("embedding").output
    return next(each for each in core.operations if type(each).__name__ == "OneHot").output
