"""Protocols of the modules for kinds and outputs in `dlcli.tensorboard`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np

    from dlcli.tensorboard.event_files import EventFiles
    from dlcli.tensorboard.shown import Judged, Shown


class Views(Protocol):
    """`dlcli.tensorboard`, where `Output.has_labels`: how examples are shown one by one."""

    def labels(self, targets: np.ndarray, class_names: Sequence[str]) -> list[str]:
        """The true values of examples in a word or two each."""

    def judged(self, shown: Shown, /) -> Judged:
        """Each prediction beside the truth."""

    @property
    def show(self) -> Callable[[EventFiles, Shown, int], None] | None:
        """Show further figures of all predictions, at a step; None where there are none."""
