"""Bars for the columns of a table."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from dlcli import outputs
from dlcli.evaluation import plot_style
from dlcli.explanation.attribution import Explanation
from dlcli.explanation.drawings import headings
from dlcli.explanation.permutation import Importances

MOST_COLUMNS = 25


def draw(explanation: Explanation, path: Path) -> None:
    """Draw what each cell of a row does, the largest first."""
    attributions, places = explanation.attributions, explanation.places
    heading = headings.of(explanation)
    count = min(len(places.names), MOST_COLUMNS)
    size = (7.2 * len(attributions), 1.4 + 0.2 * heading.count("\n") + 0.27 * count)
    labels = [
        f"{name} = {cell(value)}" + ("" if value == usual else f" (usually {cell(usual)})")
        for name, value, usual in zip(places.names, places.content, places.reference, strict=True)
    ]
    texts = [heading, *labels, *(each.unit + each.reference for each in attributions)]
    with plot_style.figure(1, len(attributions), size, texts) as (figure, axes):
        for axis, attribution in zip(axes, attributions, strict=True):
            order = np.argsort(-np.abs(attribution.values), kind="stable")[:count]
            values = attribution.values[order]
            colors = [plot_style.BLUE if each >= 0 else plot_style.ORANGE for each in values]
            axis.barh(range(count), values, color=colors)
            axis.set_yticks(range(count), [labels[place] for place in order], fontsize=8)
            axis.invert_yaxis()
            axis.axvline(0, color="black", linewidth=0.8)
            axis.grid(visible=False, axis="y")
            axis.margins(x=0.18)
            for place, value in enumerate(values):
                axis.annotate(
                    f"{value:+.3g}" if value else "0",
                    (value, place),
                    xytext=(3 if value >= 0 else -3, 0),
                    textcoords="offset points",
                    ha="left" if value >= 0 else "right",
                    va="center",
                    fontsize=7,
                )
            axis.set_xlabel(
                f"{headings.method(attribution.method)}: {attribution.unit}\n"
                f"compared with {attribution.reference}",
                fontsize=8,
            )
        figure.suptitle(heading, fontsize=10)
        figure.savefig(path, dpi=150)


def draw_importances(importances: Importances, path: Path) -> None:
    """Draw how much each column matters, and what chance alone gives.

    Args:
        importances: the most important column first.
    """
    shown = importances.columns[:MOST_COLUMNS]
    names = [each.column for each in shown]
    with plot_style.figure(1, 1, (7.5, 1.5 + 0.29 * len(shown)), names) as (figure, axes):
        axis = axes[0]
        means = np.array([each.mean for each in shown])
        axis.axvspan(
            -importances.bound,
            importances.bound,
            color="0.85",
            label="within chance: as much is lost with shuffled targets",
        )
        above = means > importances.bound
        axis.barh(
            range(len(shown)),
            means,
            xerr=[each.std for each in shown],
            color=np.where(above, plot_style.BLUE, "0.6"),
            error_kw={"elinewidth": 1, "capsize": 2},
        )
        axis.set_yticks(range(len(shown)), names, fontsize=8)
        axis.invert_yaxis()
        axis.axvline(0, color="black", linewidth=0.8)
        axis.grid(visible=False, axis="y")
        change = "loss of" if outputs.metric(importances.metric).higher_is_better else "rise in"
        axis.set_xlabel(
            f"{change} {importances.metric} when the column is permuted "
            f"(mean and spread of {importances.repeats}; {importances.metric} is "
            f"{importances.value:.4g} over {importances.num_rows:,} rows)",
            fontsize=8,
        )
        axis.legend(frameon=False, fontsize=8, loc="lower left", bbox_to_anchor=(0, 1))
        figure.savefig(path, dpi=150)


def cell(value: object) -> str:
    """A cell as it is shown."""
    if value is None:
        return "(missing)"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
