"""Plots: one style, safe for the colour-blind, legible in print."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Okabe and Ito's palette (https://jfly.uni-koeln.de/color/).
BLUE, ORANGE, GRAY = "#0072B2", "#D55E00", "#666666"

# Fonts with Chinese, Japanese and Korean, tried in this order after the default one.
_CJK_FONTS = (
    "Noto Sans CJK SC", "Noto Sans CJK JP", "Source Han Sans SC", "Source Han Sans CN",
    "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Droid Sans Fallback", "PingFang SC",
    "Hiragino Sans GB", "Microsoft YaHei", "SimHei", "AR PL UMing CN", "Arial Unicode MS",
)  # fmt: skip


def training_curves(rows: Sequence[dict[str, float]], best_epoch: int, path: Path) -> None:
    """Draw each metric of the train and validation splits over the epochs.

    Args:
        rows: the history.
        best_epoch: marked, from 1.
        path: a PNG.
    """
    names = [name for name in rows[0] if f"val_{name}" in rows[0]]
    epochs = [row["epoch"] for row in rows]
    with _figure(1, len(names), (5.2 * len(names), 3.8)) as (figure, axes):
        for axis, name in zip(axes, names, strict=True):
            marker = "o" if len(rows) < 3 else None
            axis.plot(epochs, [row[name] for row in rows], color=BLUE, label="train", marker=marker)
            validation = [row[f"val_{name}"] for row in rows]
            axis.plot(epochs, validation, "--", color=ORANGE, label="validation", marker=marker)
            best = validation[best_epoch - 1]
            axis.plot(
                best_epoch, best, "o", color=ORANGE, label=f"best epoch ({best_epoch}): {best:.4g}"
            )
            axis.set(xlabel="epoch", ylabel=name)
            axis.xaxis.get_major_locator().set_params(integer=True)
            axis.legend(frameon=False)
        figure.savefig(path, dpi=150)


def confusion_matrix(confusion: np.ndarray, class_names: Sequence[str], path: Path) -> None:
    """Draw a confusion matrix, each row as shares of its true class.

    Args:
        confusion: int (num_classes, num_classes); rows: true, columns: predicted.
        path: a PNG.
    """
    count = len(class_names)
    side = min(max(4.0, 0.5 * count + 1.5), 16)
    shares = confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    with _figure(1, 1, (side, side)) as (figure, axes):
        axis = axes[0]
        axis.imshow(shares, cmap="Blues", vmin=0, vmax=1)
        ticks = range(count)
        axis.set(xlabel="predicted", ylabel="true")
        axis.set_xticks(
            ticks,
            class_names,
            rotation=45 if count > 4 else 0,
            ha="right" if count > 4 else "center",
        )
        axis.set_yticks(ticks, class_names)
        axis.grid(False)
        if count <= 25:
            for row, column in np.ndindex(count, count):
                if confusion[row, column]:
                    color = "white" if shares[row, column] > 0.5 else "black"
                    axis.text(
                        column,
                        row,
                        confusion[row, column],
                        ha="center",
                        va="center",
                        color=color,
                        fontsize=8,
                    )
        figure.savefig(path, dpi=150)


def image_grid(images: np.ndarray, titles: Sequence[str], path_or_file: Path | IO[bytes]) -> None:
    """Draw images with a title each, eight a row.

    Args:
        images: uint8 (num_images, height, width, channels).
        path_or_file: a PNG.
    """
    columns = min(8, len(images))
    rows = -(-len(images) // columns)
    with _figure(rows, columns, (1.4 * columns, 1.6 * rows)) as (figure, axes):
        for axis in axes:
            axis.axis("off")
        for axis, image, title in zip(axes, images, titles, strict=False):
            axis.imshow(
                image.squeeze(-1) if image.shape[-1] == 1 else image, cmap="gray", vmin=0, vmax=255
            )
            axis.set_title(title, fontsize=8)
        figure.savefig(path_or_file, dpi=100, format="png")


@contextmanager
def _figure(
    rows: int, columns: int, size: tuple[float, float]
) -> Iterator[tuple[Figure, list[Any]]]:
    """A figure of the one style and its axes in a flat list; needs no display."""
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    import matplotlib as mpl
    from matplotlib import font_manager
    from matplotlib.figure import Figure

    installed = set(font_manager.get_font_names())
    style: Any = {
        "font.family": ["DejaVu Sans", *(name for name in _CJK_FONTS if name in installed)],
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "grid.alpha": 0.3,
    }
    with mpl.rc_context(style), warnings.catch_warnings():
        # A character that no installed font has is drawn as a box; docs/ say what to install.
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        figure = Figure(figsize=size, layout="constrained")
        axes = figure.subplots(rows, columns, squeeze=False)
        yield figure, list(axes.flat)
