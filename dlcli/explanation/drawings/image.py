"""An image beside its heat maps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from dlcli.evaluation import plot_style
from dlcli.explanation.attribution import Attribution, Explanation
from dlcli.explanation.drawings import colours, headings


def draw(explanation: Explanation, path: Path) -> None:
    """Draw the image, and a heat map over it for each method."""
    pixels = explanation.places.content
    gray = pixels.mean(axis=2) / 255
    heading = headings.of(explanation, 44 * (1 + len(explanation.attributions)) // 2)
    size = (0.4 + 3.1 * (1 + len(explanation.attributions)), 3.6 + 0.2 * heading.count("\n"))
    texts = [heading, *(each.unit for each in explanation.attributions)]
    with plot_style.figure(1, 1 + len(explanation.attributions), size, texts) as (figure, axes):
        for axis in axes:
            axis.axis("off")
        axes[0].imshow(pixels.squeeze(), cmap="gray", vmin=0, vmax=255)
        axes[0].set_title("what the model is given", fontsize=9)
        for axis, attribution in zip(axes[1:], explanation.attributions, strict=True):
            _heat(figure, axis, gray, attribution)
        figure.suptitle(heading, fontsize=11)
        figure.savefig(path, dpi=150)


def _heat(figure: Any, axis: Any, gray: np.ndarray, attribution: Attribution) -> None:
    import matplotlib as mpl

    # Pale, so that colours are seen over dark places too.
    axis.imshow(1 - (0.25 if attribution.signed else 0.6) * (1 - gray), cmap="gray", vmin=0, vmax=1)
    values = attribution.values
    if attribution.signed:
        # A few pixels far above all others would leave the rest white.
        largest = colours.magnitude(values, 0.99)
        cmap, low, high = colours.diverging(), -largest, largest
    else:
        largest = colours.magnitude(values)
        cmap, low, high = mpl.colormaps["plasma"], 0.0, largest
    strength = np.clip(np.abs(values) / largest, 0, 1)
    alpha = np.sqrt(strength) if attribution.signed else 0.15 + 0.7 * strength
    axis.imshow(values, cmap=cmap, vmin=low, vmax=high, alpha=alpha, interpolation="nearest")
    title = headings.method(attribution.method)
    if not np.any(values):
        title += ": nothing"
    axis.set_title(f"{title}\n{attribution.unit}", fontsize=9)
    # A bar of its own: the one of a picture with transparency would be pale.
    scale = mpl.cm.ScalarMappable(mpl.colors.Normalize(low, high), cmap)
    bar = figure.colorbar(scale, ax=axis, shrink=0.75, pad=0.02)
    bar.ax.tick_params(labelsize=7)
    bar.outline.set_linewidth(0.5)
