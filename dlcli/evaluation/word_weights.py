"""Texts whose words are coloured by how much each counts."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import numpy as np

from dlcli.evaluation import plot_style

_COLUMNS = 96  # characters a line, of one width each
_LINE = 0.24  # inches
_WIDTH = 8.2  # inches: what the characters of a line take at this size of letters


def draw(
    texts: Sequence[tuple[str, Sequence[str], np.ndarray]], path_or_file: Path | IO[bytes]
) -> None:
    """Draw texts, the darker behind a word the more it counts beside the others of its text.

    Args:
        texts: of each a title, its words and their weights float (num_words,).
    """
    lines = [(title, list(_lines(words, weights))) for title, words, weights in texts]
    num_lines = sum(len(rows) + 1.6 for _, rows in lines)
    written = [
        *(title for title, _, _ in texts),
        *(word for _, words, _ in texts for word in words),
    ]
    with plot_style.figure(1, 1, (_WIDTH, _LINE * num_lines + 0.3), written) as (figure, [axis]):
        axis.set(xlim=(0, _COLUMNS), ylim=(num_lines, 0))
        axis.axis("off")
        families = plot_style.fonts_for(frozenset("".join(written)))[0]
        top = 0.0
        for title, rows in lines:
            axis.text(
                0, top + 0.5, title, va="center", fontsize=9, fontweight="bold", parse_math=False
            )
            top += 1
            for row in rows:
                for start, word, share in row:
                    axis.text(
                        start,
                        top + 0.5,
                        word,
                        va="center",
                        fontsize=9,
                        parse_math=False,
                        family=["DejaVu Sans Mono", *families],
                        color="white" if share > 0.8 else "black",
                        bbox={
                            "facecolor": _shade(share),
                            "edgecolor": "none",
                            "boxstyle": "square,pad=0.12",
                        },
                    )
                top += 1
            top += 0.6
        figure.savefig(path_or_file, dpi=100, format="png")


def _lines(words: Sequence[str], weights: np.ndarray) -> list[list[tuple[int, str, float]]]:
    """Words in lines: of each its first column, and its weight as a share of the largest."""
    largest = float(max(weights, default=0.0)) or 1.0
    rows: list[list[tuple[int, str, float]]] = [[]]
    column = 0
    for word, weight in zip(words, weights, strict=True):
        shown = word if len(word) <= 30 else f"{word[:29]}…"
        width = sum(1 + (unicodedata.east_asian_width(sign) in "WF") for sign in shown)
        if column and column + width > _COLUMNS:
            rows.append([])
            column = 0
        rows[-1].append((column, shown, float(weight) / largest))
        column += width + 1
    return rows


def _shade(share: float) -> tuple[float, float, float]:
    """White to the blue of all plots."""
    red, green, blue = (1 - share * (1 - part / 255) for part in (0x00, 0x72, 0xB2))
    return red, green, blue
