"""The colours of attributions, in pictures and in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dlcli.evaluation.plot_style import BLUE, ORANGE

if TYPE_CHECKING:
    from matplotlib.colors import Colormap

_WHITE = (255, 255, 255)


def shade(share: float) -> tuple[int, int, int]:
    """The colour of a value.

    Args:
        share: of the largest magnitude, -1 to 1.

    Returns:
        Red, green and blue, 0 to 255: orange below 0, white at 0, blue above it.
    """
    full = BLUE if share >= 0 else ORANGE
    goal = [int(full[place : place + 2], 16) for place in (1, 3, 5)]
    strength = min(abs(share), 1.0)
    mixed = (round(w + (c - w) * strength) for w, c in zip(_WHITE, goal, strict=True))
    red, green, blue = mixed
    return red, green, blue


def ink(share: float) -> str:
    """What is legible on a shade: black, or white on the dark ones."""
    red, green, blue = shade(share)
    return "black" if 0.299 * red + 0.587 * green + 0.114 * blue > 140 else "white"


def diverging() -> Colormap:
    """Orange, white, blue."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("against_and_for", [ORANGE, "white", BLUE])


def rising() -> Colormap:
    """White to blue."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("for", ["white", BLUE])


def magnitude(values: np.ndarray, quantile: float = 1.0) -> float:
    """What counts as full colour: the largest magnitude, or nearly so; above 0."""
    known = np.abs(values[np.isfinite(values)])
    largest: Any = np.quantile(known, quantile) if known.size else 0.0
    return float(largest) or float(known.max(initial=0.0)) or 1.0
