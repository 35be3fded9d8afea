"""Examples with what the model answers and what is true, the worst mistakes first."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np

from dlcli.data import Split
from dlcli.evaluation import plots
from dlcli.inputs.examples import spread
from dlcli.tensorboard.event_files import EventFiles
from dlcli.tensorboard.shown import Judged, Shown

_NUM_SHOWN = 16
_COLUMNS_SHOWN = 12  # of a table
_TEXT_LENGTH = 300  # characters of a text
# What draws raw examples of so many axes: images and sequences; all others are written.
_GRIDS = {4: plots.image_grid, 3: plots.sequence_grid}


def show(files: EventFiles, shown: Shown, step: int) -> None:
    """Show the examples that the model is most wrong about, and as many from all over the split."""
    judged = shown.judged
    if judged is None:
        return
    by_error = np.argsort(-judged.errors, kind="stable")
    by_error = by_error[judged.is_mistake[by_error]]
    for tag, chosen in (
        ("worst", by_error[:_NUM_SHOWN]),
        ("spread", spread(len(shown.split), _NUM_SHOWN)),
    ):
        if not len(chosen):
            files.text(shown.place, f"examples/{tag}", "There is no mistake.", step)
            continue
        raw, _ = shown.split.gather(chosen)
        if draw := _GRIDS.get(np.ndim(raw)):
            png = io.BytesIO()
            draw(raw, [_title(*judged.describe(position)) for position in chosen], png)
            files.picture(shown.place, f"examples/{tag}", png.getvalue(), step)
        else:
            files.text(shown.place, f"examples/{tag}", _table(judged, chosen, raw), step)


def inputs(files: EventFiles, shown: Split, label: Callable[[np.ndarray], list[str]]) -> None:
    """Show pictures of the train split with their labels, before anything is learned."""
    images, targets = shown.gather(spread(len(shown), _NUM_SHOWN))
    png = io.BytesIO()
    plots.image_grid(images, label(targets), png)
    files.picture("train", "examples/inputs", png.getvalue(), 0)


def _title(truth: str, predicted: str, detail: str) -> str:
    """Two lines: the prediction, and whether it is right or else what is."""
    mark = "right" if predicted == truth else f"is {_short(truth)}"
    return f"{_short(predicted)} ({detail})\n{mark}"


def _table(judged: Judged, chosen: np.ndarray, raw: Any) -> str:
    """Examples in Markdown: what is true, what the model says, and what it was given."""
    if isinstance(raw, dict):
        names, columns = list(raw)[:_COLUMNS_SHOWN], list(raw.values())[:_COLUMNS_SHOWN]
        rows = [[_value(value) for value in values] for values in zip(*columns, strict=True)]
    else:
        names, rows = ["text"], [[_text(text)] for text in raw]
    headings = ["truth", "prediction", judged.detail, *names]
    lines = [" | ".join(map(cell, headings)), " | ".join("---" for _ in headings)]
    for position, given in zip(chosen, rows, strict=True):
        texts = (*judged.describe(position), *given)
        lines.append(" | ".join(cell(text, _TEXT_LENGTH) or "(empty)" for text in texts))
    return "\n".join(lines)


def cell(text: str, length: int = 200) -> str:
    """A text as one cell of a table in Markdown, cut off after some characters."""
    line = " ".join(text.split())
    line = line if len(line) <= length else f"{line[: length - 1]}…"
    return "".join(f"\\{sign}" if sign in r"\`*_{}[]<>()#+-.!|~" else sign for sign in line)


def _text(text: str | bytes) -> str:
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else text


def _value(value: Any) -> str:
    if isinstance(value, np.floating):
        digits = 5 if value.dtype == np.float32 else 15  # float64 where float32 does not do
        return "missing" if np.isnan(value) else f"{value:.{digits}g}"
    return _text(value)


def _short(name: str) -> str:
    return name if len(name) <= 16 else f"{name[:15]}…"
