"""A comparison of runs as a picture of their curves, or as a page with its tables."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from dlcli import files, quantities
from dlcli.evaluation import plots
from dlcli.metric_names import format_metric, title
from dlcli.reporting import comparison, figures, page
from dlcli.runs.run_dir import RunDir


def write(path: Path, runs: Sequence[RunDir], document: dict[str, Any]) -> None:
    """Write a comparison.

    Args:
        document: what `dlcli.reporting.comparison.compare` gave.

    Raises:
        OSError: it cannot be written.
    """
    curves = comparison.histories(runs, document["monitor"])
    if path.suffix == ".html":
        files.write_text(path, render(curves, document))
        return
    with files.replacing(path) as aside:
        plots.overlaid_curves(curves, aside)


def render(curves: dict[str, Any], document: dict[str, Any]) -> str:
    """The page."""
    template = page.environment().get_template("comparison.html")
    drawn = [
        figures.svg(partial(plots.overlaid_curves, {metric: lines}))
        for metric, lines in curves.items()
    ]
    text: str = template.render(
        **document, figures=drawn, rows=_rows(document), written=comparison.written
    )
    return text


def _rows(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The table of results, a figure a row."""
    runs, monitor = document["runs"], document["monitor"]
    names = dict.fromkeys((monitor, *(name for run in runs for name in run["test"])))
    rows = [
        {
            "title": title(name),
            "cells": [
                {
                    "value": run["test"].get(name),
                    "text": format_metric(name, run["test"].get(name), run["examples"]),
                }
                for run in runs
            ],
        }
        for name in names
    ]

    def add(heading: str, texts: list[str]) -> None:
        rows.append({"title": heading, "cells": [{"value": None, "text": each} for each in texts]})

    add("Test examples", [f"{run['examples']:,}" for run in runs])
    add("Epochs, best", [f"{run['epochs']}, {run['best_epoch']}" for run in runs])
    add(
        "Training time",
        ["-" if run["seconds"] is None else quantities.duration(run["seconds"]) for run in runs],
    )
    add(
        "Weights",
        ["-" if run["parameters"] is None else f"{run['parameters']:,}" for run in runs],
    )
    add("Device", [run["device"] or "-" for run in runs])
    return rows
