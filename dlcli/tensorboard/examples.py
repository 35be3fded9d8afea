"""Examples with what the model answers and what is true, the worst mistakes first."""

from __future__ import annotations

import io
from typing import Any

import numpy as np

from dlcli import kinds
from dlcli.evaluation import plots
from dlcli.inputs.examples import spread
from dlcli.tensorboard.classes import cell
from dlcli.tensorboard.event_files import EventFiles
from dlcli.tensorboard.shown import Shown

_NUM_SHOWN = 16
_COLUMNS_SHOWN = 12  # of a table
_TEXT_LENGTH = 300  # characters of a text


def show(files: EventFiles, shown: Shown, step: int) -> None:
    """Show the examples that the model is most wrong about, and as many from all over the split.

    Nothing is shown of forecasts, running texts and made pictures, which have views of their own.
    """
    kind, answer = kinds.for_task(shown.task).name, kinds.output_of(shown.task).name
    if answer not in {"classification", "regression"}:
        return
    by_error = np.argsort(-shown.errors, kind="stable")
    if answer == "classification":
        by_error = by_error[shown.is_wrong()[by_error]]
    for tag, chosen in (
        ("worst", by_error[:_NUM_SHOWN]),
        ("spread", spread(len(shown.split), _NUM_SHOWN)),
    ):
        if not len(chosen):
            files.text(shown.place, f"examples/{tag}", "There is no mistake.", step)
            continue
        if kind in {"image", "sequence"}:
            png = io.BytesIO()
            raw, targets = shown.split.gather(chosen)
            titles = [_title(shown, *pair) for pair in zip(chosen, targets, strict=True)]
            draw = plots.image_grid if kind == "image" else plots.sequence_grid
            draw(raw, titles, png)
            files.picture(shown.place, f"examples/{tag}", png.getvalue(), step)
        else:
            files.text(shown.place, f"examples/{tag}", _table(shown, chosen), step)


def inputs(files: EventFiles, shown: Any, names: list[str], step: int) -> None:
    """Show pictures of the train split with their classes, before anything is learned."""
    images, targets = shown.gather(spread(len(shown), _NUM_SHOWN))
    png = io.BytesIO()
    plots.image_grid(images, [names[target] for target in targets], png)
    files.picture("train", "examples/inputs", png.getvalue(), step)


def _title(shown: Shown, position: int, target: Any) -> str:
    """Two lines: the answer, and whether it is right or else what is."""
    predicted, share = _answer(shown, position)
    is_right = predicted == shown.class_names[target]
    return f"{_short(predicted)} ({share})\n" + (
        "right" if is_right else f"is {_short(shown.class_names[target])}"
    )


def _answer(shown: Shown, position: int) -> tuple[str, str]:
    """What the model says of an example, and how sure it is, in per cent."""
    answer = shown.answers[position]
    if shown.class_names:
        return shown.class_names[answer.argmax()], f"{100 * answer.max():.0f} %"
    return f"{float(answer.reshape(())):.5g}", ""


def _table(shown: Shown, chosen: np.ndarray) -> str:
    """Examples in Markdown: what is true, what the model says, and what it was given."""
    raw, targets = shown.split.gather(chosen)
    if isinstance(raw, dict):
        names, columns = list(raw)[:_COLUMNS_SHOWN], list(raw.values())[:_COLUMNS_SHOWN]
        rows = [[_value(value) for value in values] for values in zip(*columns, strict=True)]
    else:
        names, rows = ["text"], [[_text(text)] for text in raw]
    headings = ["truth", "prediction", "probability" if shown.class_names else "error", *names]
    lines = [" | ".join(map(cell, headings)), " | ".join("---" for _ in headings)]
    for position, target, given in zip(chosen, targets, rows, strict=True):
        predicted, share = _answer(shown, position)
        if shown.class_names:
            truth = shown.class_names[target]
        else:
            truth = f"{float(target):.5g}"
            share = f"{float(shown.answers[position].reshape(()) - target):+.4g}"
        cells = (
            cell(text, _TEXT_LENGTH) or "(empty)" for text in (truth, predicted, share, *given)
        )
        lines.append(" | ".join(cells))
    return "\n".join(lines)


def _text(text: str | bytes) -> str:
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else text


def _value(value: Any) -> str:
    if isinstance(value, np.floating):
        digits = 5 if value.dtype == np.float32 else 15  # float64 where float32 does not do
        return "missing" if np.isnan(value) else f"{value:.{digits}g}"
    return _text(value)


def _short(name: str) -> str:
    return name if len(name) <= 16 else f"{name[:15]}…"
