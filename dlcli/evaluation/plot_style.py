"""The one style of all plots: safe for the colour-blind, legible in print, any script."""

from __future__ import annotations

import functools
import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Okabe and Ito's palette (https://jfly.uni-koeln.de/color/).
BLUE, ORANGE, GRAY = "#0072B2", "#D55E00", "#666666"
PALETTE = (BLUE, ORANGE, "#009E73", "#CC79A7", "#56B4E9", "#E69F00", GRAY)


@contextmanager
def figure(
    rows: int, columns: int, size: tuple[float, float], texts: Sequence[str] = ()
) -> Iterator[tuple[Figure, list[Any]]]:
    """A figure of the one style and its axes in a flat list; needs no display.

    Args:
        texts: what is written in it besides English.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    style: Any = {
        "font.family": fonts_for(frozenset("".join(texts)))[0],
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "grid.alpha": 0.3,
        # A name with dollar signs is a name; only our own labels may be formulas.
        "text.parse_math": not texts,
    }
    with mpl.rc_context(style), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # see `fonts_for`
        drawn = Figure(figsize=size, layout="constrained")
        axes = drawn.subplots(rows, columns, squeeze=False)
        yield drawn, list(axes.flat)


@functools.cache
def fonts_for(characters: frozenset[str]) -> tuple[list[str], set[str]]:
    """Names of fonts that together have the characters, and the characters that none has."""
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    from matplotlib import font_manager
    from matplotlib.ft2font import FT2Font

    def drawn_by(path: str) -> set[str]:
        try:
            known = FT2Font(path).get_charmap()
        except (OSError, RuntimeError):  # a font file that FreeType cannot read
            return set()
        return {character for character in missing if ord(character) in known}

    names = ["DejaVu Sans"]  # comes with matplotlib
    missing = {character for character in characters if character.isprintable()}
    missing -= drawn_by(font_manager.findfont("DejaVu Sans"))
    while missing:
        best = max(font_manager.fontManager.ttflist, key=lambda font: len(drawn_by(font.fname)))
        drawn = drawn_by(best.fname)
        if not drawn:
            break
        names.append(best.name)
        missing -= drawn
    return names, missing
