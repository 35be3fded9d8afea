"""Prediction: from files or a split to classes or numbers, by any artifact."""

from __future__ import annotations

import glob
import itertools
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from dlcli.artifacts import Predictor
from dlcli.data import Split
from dlcli.errors import DataError, UsageError
from dlcli.inputs import images
from dlcli.inputs.examples import take

BATCH_SIZE = 32
_ROWS_A_BATCH = 1024

Item = TypeVar("Item")


@dataclass(frozen=True)
class Prediction:
    """The answer for one input.

    Args:
        input: what was predicted: a file name, "-", a table's row, or an example's name.
        classes: (class name, probability) pairs, the likeliest first; none in a regression.
        true_class: where it is known, else "".
        error: why there is no answer, or "".
        value: of a regression, in the target's units.
        true_value: of a regression, where it is known.
        cells: of a row of a table, its own columns.
    """

    input: str
    classes: tuple[tuple[str, float], ...] = ()
    true_class: str = ""
    error: str = ""
    value: float | None = None
    true_value: float | None = None
    cells: Mapping[str, Any] = field(default_factory=dict)


def predict_inputs(
    predictor: Predictor, inputs: Sequence[str], limit: int | None, top_k: int
) -> Iterator[Prediction]:
    """Predict a user's own inputs, of the kind that the predictor takes.

    Args:
        inputs: files, folders and patterns of images, or files of tables; "-" for
            standard input.
        limit: at most this many, or None.
        top_k: classes an answer.

    Raises:
        UsageError: a folder or a pattern that holds no image.
    """
    if predictor.metadata["input"]["kind"] == "table":
        return itertools.islice(predict_tables(predictor, inputs, top_k), limit)
    return predict_images(predictor, expand(inputs)[:limit], top_k)


def predict_tables(
    predictor: Predictor, sources: Iterable[str], top_k: int
) -> Iterator[Prediction]:
    """Predict every row of tables in the order given.

    Args:
        predictor: a predictor of tables.
        sources: files, or "-" for a CSV table on standard input.
        top_k: classes an answer.

    Yields:
        One prediction a row; one with a cell that does not fit has an error.

    Raises:
        DataError: a table cannot be read, or lacks a column that the model reads.
    """
    from dlcli.inputs import columns, tables

    form = predictor.metadata["input"]
    wanted = columns.from_metadata(form["columns"])
    for source in sources:
        frame = tables.read(Path("/dev/stdin" if source == "-" else source), **form["reading"])
        examples, errors = columns.raw(frame, wanted, source)
        if form["missing"] == "fail":
            errors = columns.missing(examples, wanted) | errors
        for start in range(0, len(frame), _ROWS_A_BATCH):
            rows = range(start, min(start + _ROWS_A_BATCH, len(frame)))
            good = [row for row in rows if row not in errors]
            answers = iter(predictor.predict_batch(take(examples, np.array(good))) if good else ())
            batch = frame.slice(start, len(rows)).iter_rows(named=True)
            for row, cells in zip(rows, batch, strict=True):
                name = f"{source} row {row + 1}"
                if row in errors:
                    yield Prediction(name, error=errors[row], cells=cells)
                else:
                    yield _answered(name, next(answers), predictor, top_k, cells=cells)


def predict_images(
    predictor: Predictor, sources: Iterable[str], top_k: int
) -> Iterator[Prediction]:
    """Predict image files in the order given.

    Args:
        predictor: an image classifier.
        sources: files, or "-" for one image on standard input.
        top_k: classes an answer.

    Yields:
        One prediction a source; one that cannot be read has an error.
    """
    options = predictor.metadata["input"]
    height, width, _ = options["shape"]

    def read(source: str) -> np.ndarray | DataError:
        form = {
            "image_size": (height, width),
            "color_mode": options["color_mode"],
            "resize": options["resize"],
        }
        try:
            if source == "-":
                return images.decode(sys.stdin.buffer.read(), "standard input", **form)
            return images.read(Path(source), **form)
        except DataError as error:
            return error

    with ThreadPoolExecutor() as pool:
        for batch in _batched(sources, BATCH_SIZE):
            arrays = list(pool.map(read, batch))
            good = [array for array in arrays if isinstance(array, np.ndarray)]
            rows = iter(predictor.predict_batch(np.stack(good)) if good else ())
            for source, array in zip(batch, arrays, strict=True):
                if isinstance(array, DataError):
                    yield Prediction(source, error=array.message)
                else:
                    yield _answered(source, next(rows), predictor, top_k)


def predict_split(
    predictor: Predictor, split: Split, limit: int | None, top_k: int
) -> Iterator[Prediction]:
    """Predict the first examples of a split.

    Args:
        limit: how many, or None for all.
        top_k: classes an answer.
    """
    class_names = predictor.metadata["class_names"]
    count = len(split) if limit is None else min(limit, len(split))
    for batch in _batched(range(count), BATCH_SIZE):
        raw, targets = split.gather(np.array(batch))
        for position, target, row in zip(batch, targets, predictor.predict_batch(raw), strict=True):
            truth: dict[str, Any] = (
                {"true_class": class_names[int(target)]}
                if class_names
                else {"true_value": float(str(target))}
            )
            yield _answered(split.name(position), row, predictor, top_k, **truth)


def expand(inputs: Sequence[str]) -> list[str]:
    """Files of the inputs: a folder stands for the images in it, a pattern for what it matches.

    Raises:
        UsageError: a folder or a pattern that holds no image.
    """
    sources: list[str] = []
    for item in inputs:
        path = Path(item)
        if item == "-" or path.is_file():
            sources.append(item)
        elif path.is_dir():
            found = images.list_images(path)
            if not found:
                raise UsageError(f"the folder {item} holds no image.")
            sources += map(str, found)
        elif glob.has_magic(item) and (matches := sorted(glob.glob(item, recursive=True))):
            sources += matches
        else:
            sources.append(item)  # a missing file becomes a row with its error
    return sources


def _answered(
    name: str, answer: np.ndarray, predictor: Predictor, top_k: int, **known: Any
) -> Prediction:
    """The prediction that a row of `predict_batch` stands for."""
    if predictor.metadata["class_names"]:
        return Prediction(name, _top(answer, predictor, top_k), **known)
    # As text a float32 has the digits that it knows, and no others.
    return Prediction(name, value=float(str(answer[0])), **known)


def _top(
    probabilities: np.ndarray, predictor: Predictor, top_k: int
) -> tuple[tuple[str, float], ...]:
    class_names = predictor.metadata["class_names"]
    # A stable sort, so that equal probabilities keep the order of the classes.
    order = np.argsort(-probabilities, kind="stable")[:top_k]
    return tuple((class_names[i], float(probabilities[i])) for i in order)


def _batched(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    iterator = iter(items)
    while batch := list(itertools.islice(iterator, size)):
        yield batch
