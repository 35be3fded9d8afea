"""Prediction: from files or a split to classes and probabilities, by any artifact."""

from __future__ import annotations

import glob
import itertools
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from dlcli.artifacts import Predictor
from dlcli.data import Split
from dlcli.errors import DataError, UsageError
from dlcli.inputs import images

BATCH_SIZE = 32

Item = TypeVar("Item")


@dataclass(frozen=True)
class Prediction:
    """The answer for one input.

    Args:
        input: what was predicted: a file name, "-", or an example's name.
        classes: (class name, probability) pairs, the likeliest first.
        true_class: where it is known, else "".
        error: why there is no answer, or "".
    """

    input: str
    classes: tuple[tuple[str, float], ...] = ()
    true_class: str = ""
    error: str = ""


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
                    yield Prediction(source, _top(next(rows), predictor, top_k))


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
            yield Prediction(
                split.name(position), _top(row, predictor, top_k), class_names[int(target)]
            )


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
