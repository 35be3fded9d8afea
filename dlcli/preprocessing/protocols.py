"""Protocols of the modules for kinds and outputs in `dlcli.preprocessing`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import keras

    from dlcli.data import DataSpec, Split


class Preprocessing(Protocol):
    """`dlcli.preprocessing`: raw examples to numbers."""

    def adapt(self, options: Any, train: Split, spec: DataSpec) -> keras.Model:
        """Build the model "preprocessor"; see `dlcli.preprocessing.adapt`.

        Args:
            train: raw examples; nothing else may be fitted on.
        """

    def describe(
        self, data: Any, options: Any, spec: DataSpec, preprocessor: keras.Model
    ) -> dict[str, Any]:
        """Describe how raw examples are made of a user's input, for the metadata.

        Args:
            spec: of raw examples.
            preprocessor: what `adapt` gave.
        """

    def numbers(self, split: Split, preprocessor: keras.Model) -> Split | None:
        """A split as the core takes it; None where it is made batch by batch."""
