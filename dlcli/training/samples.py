"""What a generator makes as its training goes on, to be looked at beside the figures."""

from __future__ import annotations

import keras
import numpy as np

from dlcli import kinds
from dlcli.data import DataSpec
from dlcli.generation.keras_steps import KerasSteps
from dlcli.generation.text import Generator
from dlcli.recipe.schema import Recipe
from dlcli.tasks import step

_LENGTH, _TEMPERATURE, _SEED = 300, 0.8, 0


class TextSamples:
    """Writes a text with the weights of the moment, by draws of its own.

    The same draws each time, so that what differs is what was learned. No random state of the
    training is touched: what decides them is made here, before the first step.

    Args:
        recipe, preprocessor, core, spec: as `dlcli.tasks.build_core` takes and gives them.
    """

    def __init__(
        self, recipe: Recipe, preprocessor: keras.Model, core: keras.Model, spec: DataSpec
    ) -> None:
        self._core = core
        metadata = {"class_names": spec.class_names}
        self._steps = KerasSteps(step.build(recipe, preprocessor, spec), metadata)

    def text(self, weights: list[np.ndarray] | None = None) -> str:
        """A text of 300 characters that begins after a line's end.

        Args:
            weights: of the core; None for those of the moment.
        """
        self._steps.set_weights(self._core.get_weights() if weights is None else weights)
        generator = Generator(self._steps, temperature=_TEMPERATURE, seed=_SEED)
        return "".join(generator.generate("", _LENGTH))


def of(
    recipe: Recipe, preprocessor: keras.Model, core: keras.Model, spec: DataSpec
) -> TextSamples | None:
    """Samples of a training, or None where its model generates nothing."""
    if not kinds.output_of(recipe.task).continues_text:
        return None
    return TextSamples(recipe, preprocessor, core, spec)
