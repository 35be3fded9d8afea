"""The one style of all plots: safe for the colour-blind, legible in print, any script."""

from __future__ import annotations

import functools
import logging
import unicodedata
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Okabe and Ito's palette (https://jfly.uni-koeln.de/color/).
BLUE, ORANGE, GRAY = "#0072B2", "#D55E00", "#666666"
# Matplotlib's own font of boxes, each with the name of a script: it draws no character.
_BOXES = "Last Resort"
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

    names = ["DejaVu Sans"]  # comes with matplotlib
    missing = frozenset(character for character in characters if character.isprintable())
    missing -= _drawn_by(font_manager.findfont("DejaVu Sans"), missing)
    if missing:
        _add_new_fonts()
    while missing:
        fonts = [
            font for font in font_manager.fontManager.ttflist if not font.name.startswith(_BOXES)
        ]
        best = max(fonts, key=lambda font: len(_drawn_by(font.fname, missing)))
        drawn = _drawn_by(best.fname, missing)
        if not drawn:
            break
        names.append(best.name)
        missing -= drawn
    return names, set(missing)


def _drawn_by(path: str, characters: frozenset[str]) -> frozenset[str]:
    """Those of the characters that a font file has, with something to be seen of them."""
    from matplotlib.ft2font import FT2Font

    try:
        font = FT2Font(path)
        known = font.get_charmap()
        return frozenset(
            character
            for character in characters
            if ord(character) in known
            # Fonts of emoji may hold them in colours alone, which matplotlib leaves blank.
            and (not _leaves_ink(character) or any(font.load_char(ord(character)).bbox))
        )
    except (OSError, RuntimeError):  # a font file that FreeType cannot read
        return frozenset()


def _leaves_ink(character: str) -> bool:
    return unicodedata.category(character)[0] in "LNPS"


def _add_new_fonts() -> None:
    """Tell matplotlib of fonts that were installed after it had made its list of them."""
    from matplotlib import font_manager

    known = {font.fname for font in font_manager.fontManager.ttflist}
    for path in font_manager.findSystemFonts():
        if path not in known:
            with suppress(OSError, RuntimeError):  # not readable, or not scalable
                font_manager.fontManager.addfont(path)
