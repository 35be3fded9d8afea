"""What the files of kinds and outputs in `dlcli.recipe` have to contain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
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
