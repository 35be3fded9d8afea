"""Step by step through a Keras model: one compiled call a character."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import keras

    from dlcli.artifacts.keras_file import KerasPredictor


class KerasSteps:
    """See `dlcli.generation.text.Stepper`.

    Args:
        model: what `dlcli.tasks.step.build` gives.
        metadata: of the artifact.
    """

    def __init__(self, model: keras.Model, metadata: dict[str, Any]) -> None:
        import tensorflow as tf

        self.metadata = metadata
        self._model = model
        self._zeros = {name: tensor.shape[1] for name, tensor in _states(model).items()}

        @tf.function(
            input_signature=[
                tf.TensorSpec([None], tf.int32),
                {name: tf.TensorSpec([None, size]) for name, size in self._zeros.items()},
            ]
        )
        def step(token_ids: Any, state: Any) -> Any:
            after = model({"token_ids": token_ids[:, None], **state}, training=False)
            return after.pop("probabilities"), after

        # Traced when it is made, not at the first character.
        self._step = step.get_concrete_function()

    def set_weights(self, weights: list[np.ndarray]) -> None:
        """Take the weights of a core."""
        self._model.set_weights(weights)

    def start(self, batch_size: int) -> dict[str, Any]:
        """See `dlcli.generation.text.Stepper`."""
        import tensorflow as tf

        return {name: tf.zeros([batch_size, size]) for name, size in self._zeros.items()}

    def step(self, token_ids: np.ndarray, state: dict[str, Any]) -> tuple[np.ndarray, Any]:
        """See `dlcli.generation.text.Stepper`."""
        import tensorflow as tf

        probabilities, after = self._step(tf.constant(token_ids, tf.int32), state)
        return probabilities.numpy(), after


def of(predictor: KerasPredictor) -> KerasSteps:
    """The steps of a loaded end-to-end model."""
    from dlcli.recipe import schema
    from dlcli.tasks import step

    metadata = predictor.metadata
    recipe = schema.from_values(metadata["recipe"], "the recipe in the model")
    return KerasSteps(step.of(predictor.model, recipe, tuple(metadata["class_names"])), metadata)


def _states(model: keras.Model) -> dict[str, Any]:
    return {name: tensor for name, tensor in model.input.items() if name != "token_ids"}
