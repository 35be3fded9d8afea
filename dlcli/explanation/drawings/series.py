"""Channels over their steps, each step shaded by what it counts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from dlcli.evaluation import plot_style
from dlcli.explanation.attribution import Attribution, Explanation
from dlcli.explanation.drawings import colours, headings

_MOST_CHANNELS = 8


def draw(explanation: Explanation, path: Path) -> None:
    """Draw each channel with its shades, and attention below where there is some."""
    places = explanation.places
    content, names = places.content, list(places.names)
    by_channel = [each for each in explanation.attributions if each.values.ndim == 2]
    by_step = [each for each in explanation.attributions if each.values.ndim == 1]
    counts = sum(
        (np.abs(each.values).sum(axis=0) for each in by_channel), start=np.zeros(len(names))
    )
    chosen = np.sort(np.argsort(-counts, kind="stable")[:_MOST_CHANNELS])
    panels: list[tuple[Attribution | None, Any]] = [
        (each, channel) for each in by_channel for channel in chosen
    ]
    if not panels:  # attention alone: the channels without shades
        panels = [(None, channel) for channel in chosen]
    rows = len(panels) + len(by_step)
    heading = headings.of(explanation)
    if len(chosen) < len(names):
        heading += f"\n{len(chosen)} of {len(names)} channels, those that count most"
    texts = [heading, *names, *(each.unit for each in explanation.attributions)]
    size = (9.5, 1.1 + 0.2 * heading.count("\n") + rows * (1.15 if rows > 3 else 1.9))
    first = places.first_step(len(content))
    steps = np.arange(first, first + len(content))
    with plot_style.figure(rows, 1, size, texts) as (figure, axes):
        for axis, (attribution, channel) in zip(axes, panels, strict=False):
            axis.grid(False)
            line = content[:, channel]
            marker = "o" if len(steps) < 40 else None
            axis.plot(steps, line, color="black", linewidth=1.1, marker=marker, markersize=3)
            axis.set_ylabel(names[channel], fontsize=8)
            axis.tick_params(labelsize=7)
            limits = axis.get_ylim()
            if attribution is not None:
                _shade(axis, attribution, channel, steps, limits)
            axis.set(xlim=(steps[0] - 0.5, steps[-1] + 0.5), ylim=limits)
            _forecast(axis, explanation, names[channel])
        for axis, attribution in zip(axes[len(panels) :], by_step, strict=True):
            axis.bar(steps, attribution.values, color=plot_style.BLUE, width=0.9)
            axis.set(xlim=(steps[0] - 0.5, steps[-1] + 0.5))
            axis.set_ylabel("attention", fontsize=8)
            axis.tick_params(labelsize=7)
        for axis in axes[:-1]:
            axis.tick_params(labelbottom=False)
        axes[-1].set_xlabel("step (0 is the last that is known)" if places.ends_now else "step")
        for place, attribution in enumerate(by_channel):
            own = axes[place * len(chosen) : (place + 1) * len(chosen)]
            _bar(figure, own, attribution)
        figure.suptitle(heading, fontsize=10)
        figure.savefig(path, dpi=150)


def _shade(
    axis: Any,
    attribution: Attribution,
    channel: int,
    steps: np.ndarray,
    limits: tuple[float, float],
) -> None:
    largest = colours.magnitude(attribution.values, 0.995)
    axis.imshow(
        attribution.values[None, :, channel],
        cmap=colours.diverging(),
        vmin=-largest,
        vmax=largest,
        aspect="auto",
        extent=(steps[0] - 0.5, steps[-1] + 0.5, *limits),
        interpolation="nearest",
        zorder=0,
    )


def _forecast(axis: Any, explanation: Explanation, name: str) -> None:
    """The forecast that is explained, where the panel is that of its own column."""
    answer, explained = explanation.answer, explanation.explained
    if answer is None or explained is None or answer.ndim < 2 or name != explained.name:
        return
    values = answer[:, explained.index]
    ahead = np.arange(1, len(values) + 1)
    style: dict[str, Any] = {"color": plot_style.ORANGE, "label": "forecast"}
    if len(values) < 40:
        style |= {"marker": "D", "markersize": 4}
    axis.plot(ahead, values, **style)
    axis.set_xlim(right=len(values) + 0.5)
    low, high = axis.get_ylim()
    margin = 0.05 * (high - low)
    axis.set_ylim(min(low, values.min() - margin), max(high, values.max() + margin))
    axis.legend(frameon=False, fontsize=7, loc="upper left")


def _bar(figure: Any, axes: list[Any], attribution: Attribution) -> None:
    import matplotlib as mpl

    largest = colours.magnitude(attribution.values, 0.995)
    norm = mpl.colors.Normalize(-largest, largest)
    bar = figure.colorbar(
        mpl.cm.ScalarMappable(norm, colours.diverging()), ax=axes, pad=0.01, fraction=0.03
    )
    is_number = not attribution.unit.startswith(("log-odds", "probability"))
    meaning = "(blue raises it, orange lowers it)" if is_number else "(blue for, orange against)"
    bar.set_label(
        f"{headings.method(attribution.method)}\n{attribution.unit}\n{meaning}",
        fontsize=7,
    )
    bar.ax.tick_params(labelsize=7)
