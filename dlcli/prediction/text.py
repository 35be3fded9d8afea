"""Texts: on the command line, one a line, or in a column of a table."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dlcli.artifacts import Predictor
from dlcli.errors import DataError
from dlcli.inputs import columns, tables, text_files
from dlcli.inputs.images import display_name
from dlcli.inputs.text import normalized
from dlcli.prediction.prediction import Prediction, answered

_TEXTS_A_BATCH = 256
_LINES = (".txt", ".text", "")


def predict(predictor: Predictor, inputs: Sequence[str], top_k: int) -> Iterator[Prediction]:
    """Predict every text of files in the order given.

    Args:
        predictor: a predictor of texts.
        inputs: .txt files with a text a line, tables with the column that the model was
            trained on, each perhaps gzipped; "-" for lines on standard input.
        top_k: classes an answer.

    Yields:
        One prediction a line or row; a row keeps its columns.

    Raises:
        DataError: a file cannot be read, or a table lacks the column.
    """
    for source in inputs:
        path = Path(source)
        if source == "-":
            yield from _lines(predictor, sys.stdin.buffer.read(), "standard input", top_k)
        elif Path(path.name.lower().removesuffix(".gz")).suffix in _LINES:
            shown = display_name(path)
            yield from _lines(predictor, text_files.content(path, shown, "texts"), shown, top_k)
        else:
            yield from _rows(predictor, path, top_k)


def predict_texts(predictor: Predictor, texts: Sequence[str], top_k: int) -> Iterator[Prediction]:
    """Predict texts that stand on the command line; each is its own name."""
    examples = [normalized(text) for text in texts]
    return _predict(predictor, examples, examples, [{}] * len(texts), top_k)


def _lines(predictor: Predictor, data: bytes, shown: str, top_k: int) -> Iterator[Prediction]:
    # Not splitlines, which also cuts at characters that may stand in a text.
    lines = text_files.decoded(data, "auto", shown).replace("\r\n", "\n").split("\n")
    if not lines[-1]:
        lines.pop()
    if not lines:
        raise DataError(f"{shown} is empty.", "Give a text a line.")
    names = [f"{shown} line {line}" for line in range(1, len(lines) + 1)]
    yield from _predict(predictor, list(map(normalized, lines)), names, [{}] * len(lines), top_k)


def _rows(predictor: Predictor, path: Path, top_k: int) -> Iterator[Prediction]:
    form = predictor.metadata["input"]
    shown = display_name(path)
    frame = tables.read(path, **form["reading"])
    texts = columns.text(columns.named(frame, form["text"], shown)).fill_null("")
    names = [f"{shown} row {row}" for row in range(1, len(frame) + 1)]
    cells = frame.iter_rows(named=True)
    yield from _predict(predictor, list(map(normalized, texts)), names, cells, top_k)


def _predict(
    predictor: Predictor,
    texts: Sequence[str],
    names: Sequence[str],
    cells: Any,
    top_k: int,
) -> Iterator[Prediction]:
    rows: Iterator[Mapping[str, Any]] = iter(cells)
    for start in range(0, len(texts), _TEXTS_A_BATCH):
        batch = slice(start, start + _TEXTS_A_BATCH)
        answers = predictor.predict_batch(np.array(texts[batch], object))
        for name, answer in zip(names[batch], answers, strict=True):
            yield answered(name, answer, predictor, top_k, cells=next(rows))
