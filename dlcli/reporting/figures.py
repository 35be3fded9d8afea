"""Figures of a report: the plots of a run as SVG that takes the page's colours, light or dark."""

from __future__ import annotations

import base64
import re
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from dlcli.evaluation import plots
from dlcli.evaluation.predictions import Predictions
from dlcli.runs.run_dir import RunDir

# What is written and the axes are drawn in this, and then take the colour of the page's text.
_TEXT = "#010203"
_MAX_CLASSES = 40
_MAX_POINTS = 1500
_TARGETS, _STEPS = 4, 300
_MAX_PROGRESS = 4
_SPARK_WIDTH, _SPARK_HEIGHT = 320, 110


def svg(draw: Callable[[Path], Any], *more_text_colors: str) -> str:
    """A plot as SVG to stand in a page.

    Args:
        more_text_colors: further colours that are the text's, such as "#000000".
    """
    import matplotlib as mpl

    style: Any = {
        "svg.hashsalt": "dlcli",  # the same plot gives the same text
        "svg.fonttype": "path",  # every script, whatever fonts the reader has
        "savefig.transparent": True,
        **dict.fromkeys(
            ("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"),
            _TEXT,
        ),
    }
    with tempfile.TemporaryDirectory(prefix="dlcli-report-") as folder, mpl.rc_context(style):
        path = Path(folder) / "figure.svg"
        draw(path)
        text = path.read_text(encoding="utf-8")
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", text, flags=re.DOTALL)
    for color in (_TEXT, *more_text_colors):
        text = text.replace(color, "currentColor")
    return re.sub(r"\s*\n\s*", "\n", text)


def curves(rows: Sequence[dict[str, float]], best_epoch: int) -> list[tuple[str, str]]:
    """Loss and each metric over the epochs: its name and the figure."""
    if not rows or not 1 <= best_epoch <= len(rows):
        return []
    found = []
    for name in (name.removeprefix("val_") for name in rows[0] if name.startswith("val_")):
        chosen = ("epoch", name, f"val_{name}")
        own = [{key: row[key] for key in chosen if key in row} for row in rows]
        found.append((name, svg(partial(plots.training_curves, own, best_epoch), "#000000")))
    return found


def confusion(test: dict[str, Any]) -> str:
    """The confusion matrix, or "" where there is none or it is too large to be read."""
    names = [each["class"] for each in test.get("per_class", [])]
    if not 2 <= len(names) <= _MAX_CLASSES or "confusion" not in test:
        return ""
    return svg(lambda path: plots.confusion_matrix(np.array(test["confusion"]), names, path))


def reliability(bins: Sequence[dict[str, Any]]) -> str:
    """Accuracy over confidence."""
    known = [each for each in bins if each["examples"]]
    confidence, accuracy = ([each[key] for each in known] for key in ("confidence", "accuracy"))
    counts = [each["examples"] for each in known]
    return svg(lambda path: plots.reliability(confidence, accuracy, counts, path))


def truth_and_prediction(kept: Predictions, target: str) -> str:
    """Predictions over true values, of some examples where there are many."""
    truth, predicted = (kept.answers[name] for name in ("truth", "predicted"))
    chosen = slice(None, None, max(-(-len(truth) // _MAX_POINTS), 1))
    return svg(
        lambda path: plots.truth_and_prediction(truth[chosen], predicted[chosen], target, path)
    )


def forecasts(kept: Predictions, names: Sequence[str], label: str) -> str:
    """Forecasts that join up, over what came; their times are called by a label."""
    truth, predicted = (kept.answers[name] for name in ("truth", "predicted"))
    horizon = truth.shape[1]
    if len(kept.answers["rows"]) == len(kept):  # all are kept, and overlap
        truth, predicted = truth[::horizon], predicted[::horizon]
    count = max(-(-_STEPS // horizon), 2)
    truth, predicted = (each[:count, :, :_TARGETS] for each in (truth, predicted))
    joined = truth.reshape(-1, truth.shape[2])
    times = kept.names[: len(joined)]  # each example begins a row after the one before
    return svg(
        lambda path: plots.forecasts(
            joined, predicted, names[:_TARGETS], path, times=times, label=label
        )
    )


def error_by_step(errors: Sequence[float | None]) -> str:
    """The error over the steps of a forecast, or "" of one step."""
    return svg(lambda path: plots.error_by_step(errors, path)) if len(errors) > 1 else ""


def loss_by_position(kept: Predictions, mean: float) -> str:
    """The loss over what was read before, or "" where it is not known."""
    losses = kept.answers.get("losses")
    if losses is None or losses.ndim != 2:
        return ""
    averaged = losses.mean(axis=0, dtype=np.float64)
    return svg(lambda path: plots.loss_by_position(averaged, mean, path))


def pictures(run: RunDir) -> list[tuple[str, str]]:
    """Pictures that were made, real ones, and how making them was learned: what, PNG in base64."""
    found = [
        (title, run.plots / f"{name}.png")
        for title, name in (("Made by the model", "made"), ("Real, from the test split", "real"))
    ]
    epochs = sorted((run.plots / "epochs").glob("epoch-*.png"))
    places = np.unique(np.linspace(0, len(epochs) - 1, _MAX_PROGRESS).round().astype(int))
    found += [
        (f"The same noise after epoch {int(epochs[place].stem.partition('-')[2])}", epochs[place])
        for place in (places if epochs else [])
    ]
    return [
        (title, base64.b64encode(path.read_bytes()).decode())
        for title, path in found
        if path.exists()
    ]


def window(example: dict[str, Any], place: int) -> dict[str, Any]:
    """A window of a series with its forecast, of one target: lines of a small drawing."""
    history = example["history"][place] if example.get("history") else []
    truth, forecast = example["true_values"][place], example["forecast"][place]
    start = len(history)
    lines = {"history": (0, history), "truth": (start, truth), "forecast": (start, forecast)}
    if start and history[-1] is not None:
        lines["truth"] = (start - 1, [history[-1], *truth])
        lines["forecast"] = (start - 1, [history[-1], *forecast])
    return _spark(lines)


def sequence(curves: Sequence[Sequence[float | None]]) -> dict[str, Any]:
    """The channels of a sequence: lines of a small drawing."""
    return _spark({f"channel{place}": (0, values) for place, values in enumerate(curves)})


def _spark(lines: dict[str, tuple[int, Sequence[float | None]]]) -> dict[str, Any]:
    """Points of lines in a small drawing, and between which values it lies."""
    known = [value for _, values in lines.values() for value in values if value is not None]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    steps = max((start + len(values) for start, values in lines.values()), default=1)
    across, up = _SPARK_WIDTH / max(steps - 1, 1), _SPARK_HEIGHT / ((high - low) or 1.0)
    return {
        "width": _SPARK_WIDTH,
        "height": _SPARK_HEIGHT,
        "low": f"{low:.4g}",
        "high": f"{high:.4g}",
        "lines": {
            name: " ".join(
                f"{(start + step) * across:.1f},{_SPARK_HEIGHT - (value - low) * up:.1f}"
                for step, value in enumerate(values)
                if value is not None
            )
            for name, (start, values) in lines.items()
        },
    }
