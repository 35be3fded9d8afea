"""What each package needs of a kind's file in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import keras

    from dlcli.data import DataSpec
    from dlcli.tasks.entry import Entered


class Entry(Protocol):
    """`dlcli.tasks.entry`: how the numbers of a kind enter the network."""

    def enter(
        self,
        numbers: keras.KerasTensor,
        *,
        preprocessor: keras.Model,
        spec: DataSpec,
        preprocessing: Any,
        embedding: Any,
    ) -> Entered:
        """Make what a family builds on.

        Args:
            numbers: the core's input.
            preprocessor: its output is the core's input; of tokens, its layer "tokens" says how
                many there are: `num_tokens`.
            spec: of a series, `forecast` has the targets; of images to generate their shape.
            preprocessing, embedding: those sections of the recipe; None where a kind has none.

        Raises:
            RecipeError: the sections contradict each other.
        """
