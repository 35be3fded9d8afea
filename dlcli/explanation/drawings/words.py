"""A text with its words shaded, each over its number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dlcli import shown
from dlcli.evaluation import plot_style
from dlcli.explanation.attribution import Attribution, Explanation
from dlcli.explanation.drawings import colours, headings

_WIDTH = 620.0  # points
_LINE = 31.0
_WORD_SIZE, _NUMBER_SIZE, _TITLE_SIZE = 10.5, 6.5, 9.0
_GAP = 5.0
_MOST_WORDS = 400
_HEAD_ROWS = 11.0


@dataclass(frozen=True)
class _Placed:
    """A word, where it begins, how wide its place is, and its line."""

    index: int
    left: float
    width: float
    line: int


def draw(explanation: Explanation, path: Path) -> None:
    """Draw the words once for each method."""
    every = [shown.name(name) for name in explanation.places.names]
    # Of a long text the end, where the network has read all of it.
    words = every[-_MOST_WORDS:]
    heading = headings.of(explanation)
    texts = [heading, *words, *(each.unit for each in explanation.attributions)]
    placed = _placed(words, texts)
    num_lines = placed[-1].line + 1
    blocks = [(each, _height(each, num_lines)) for each in explanation.attributions]
    height = 16.0 * (heading.count("\n") + 1) + 10 + sum(size for _, size in blocks)
    with plot_style.figure(1, 1, (_WIDTH / 72 + 0.3, height / 72 + 0.2), texts) as (figure, axes):
        axis = axes[0]
        axis.axis("off")
        axis.set(xlim=(0, _WIDTH), ylim=(height, 0))
        axis.text(0, 0, heading, fontsize=11, va="top", linespacing=1.15)
        top = 16.0 * (heading.count("\n") + 1) + 10
        for attribution, size in blocks:
            _block(axis, attribution, words, placed, top, len(every))
            top += size
        figure.savefig(path, dpi=150)


def _height(attribution: Attribution, num_lines: int) -> float:
    heads = attribution.details.get("heads")
    extra = 0.0 if heads is None else 26 + _HEAD_ROWS * heads.shape[0] * heads.shape[1]
    return 22 + num_lines * _LINE + extra + 12


def _block(
    axis: Any,
    attribution: Attribution,
    words: Sequence[str],
    placed: Sequence[_Placed],
    top: float,
    num_words: int,
) -> None:
    from matplotlib.patches import Rectangle

    values = attribution.values[-len(words) :]
    title = f"{headings.method(attribution.method)}: {attribution.unit}"
    if attribution.signed:
        title += "   (blue for it, orange against it)"
    if len(words) < num_words:
        title += f"   the last {len(words):,} of {num_words:,}"
    axis.text(0, top, title, fontsize=_TITLE_SIZE, va="top", color=plot_style.GRAY)
    largest = colours.magnitude(values)
    for word in placed:
        value = float(values[word.index]) if word.index < len(values) else 0.0
        share = value / largest
        y = top + 18 + word.line * _LINE
        color = tuple(part / 255 for part in colours.shade(share))
        axis.add_patch(Rectangle((word.left, y), word.width, 16, facecolor=color, linewidth=0))
        middle = word.left + word.width / 2
        axis.text(
            middle,
            y + 8,
            words[word.index],
            fontsize=_WORD_SIZE,
            ha="center",
            va="center_baseline",
            color=colours.ink(share),
            parse_math=False,
        )
        axis.text(
            middle,
            y + 21,
            headings.number(value, attribution.signed),
            fontsize=_NUMBER_SIZE,
            ha="center",
            va="center",
            color=plot_style.GRAY,
        )
    heads = attribution.details.get("heads")
    if heads is not None:
        _heads(axis, heads[:, :, -len(words) :], top + 22 + (placed[-1].line + 1) * _LINE)


def _heads(axis: Any, heads: np.ndarray, top: float) -> None:
    """A row a head and a cell a word, in their order, under a line that says so."""
    num_blocks, num_heads, count = heads.shape
    axis.text(
        0,
        top,
        "the same by head: a row a head, a cell a word in the order of the text, dark for much",
        fontsize=_TITLE_SIZE - 1,
        va="top",
        color=plot_style.GRAY,
    )
    left, right = 90.0, _WIDTH
    for block in range(num_blocks):
        first = top + 16 + block * num_heads * _HEAD_ROWS
        axis.imshow(
            heads[block] / heads[block].max(axis=1, keepdims=True),
            cmap=colours.rising(),
            vmin=0,
            vmax=1,
            aspect="auto",
            extent=(
                left,
                min(right, left + 22.0 * count),
                first + num_heads * _HEAD_ROWS - 2,
                first,
            ),
            interpolation="nearest",
        )
        axis.text(
            0,
            first + num_heads * _HEAD_ROWS / 2,
            f"block {block + 1}, {num_heads} head{'s' if num_heads > 1 else ''}",
            fontsize=_TITLE_SIZE - 1,
            va="center",
        )
    # `imshow` has set the limits to its own.
    axis.set_xlim(0, _WIDTH)


def _placed(words: Sequence[str], texts: Sequence[str]) -> list[_Placed]:
    """Where each word stands, on lines of the picture's width."""
    from matplotlib.backends.backend_agg import RendererAgg
    from matplotlib.font_manager import FontProperties

    renderer = RendererAgg(8, 8, 72)
    families = plot_style.fonts_for(frozenset("".join(texts)))[0]
    font = FontProperties(family=families, size=_WORD_SIZE)
    narrowest = 26.0 if len(words) and max(map(len, words)) > 1 else 22.0
    found: list[_Placed] = []
    left, line = 0.0, 0
    for index, word in enumerate(words):
        width, _, _ = renderer.get_text_width_height_descent(word, font, ismath=False)
        width = min(max(width + 8, narrowest), _WIDTH)
        if left and left + width > _WIDTH:
            left, line = 0.0, line + 1
        found.append(_Placed(index, left, width, line))
        left += width + _GAP
    return found
