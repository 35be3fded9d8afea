"""Protocols of a kind's recipe sections and of a model family's module."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import keras

    from dlcli.recipe.sections import Section


class Sections(Protocol):
    """`dlcli.recipe.sections`: the sections of a recipe; None for those that a kind lacks."""

    @property
    def Data(self) -> type[Section]: ...  # noqa: N802 - classes of a module

    @property
    def Preprocessing(self) -> type[Section]: ...  # noqa: N802

    @property
    def Augmentation(self) -> type[Section] | None: ...  # noqa: N802

    @property
    def Embedding(self) -> type[Section] | None: ...  # noqa: N802


class Family(Protocol):
    """The module of a model family."""

    @property
    def INPUT_KINDS(self) -> tuple[str, ...]:  # noqa: N802 - a constant of a module
        """Names of the kinds of data whose numbers it takes."""

    @property
    def OUTPUTS(self) -> tuple[str, ...]:  # noqa: N802 - a constant of a module
        """Names of the outputs whose heads take what it builds."""

    @property
    def build(self) -> Callable[..., keras.KerasTensor]:
        """Builds on a tensor; its keyword-only arguments are the keys of `model:`."""
