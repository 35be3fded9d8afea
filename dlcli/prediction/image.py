"""Image files."""

from __future__ import annotations

import glob
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from dlcli.artifacts import Predictor
from dlcli.errors import DataError, UsageError
from dlcli.inputs import images
from dlcli.prediction.prediction import Prediction, answered

BATCH_SIZE = 32


def predict(predictor: Predictor, inputs: Sequence[str], top_k: int) -> Iterator[Prediction]:
    """Predict image files in the order given.

    Args:
        predictor: an image classifier.
        inputs: files, folders, patterns, or "-" for one image on standard input.
        top_k: classes an answer.

    Returns:
        One prediction a file; one that cannot be read has an error.

    Raises:
        UsageError: a folder or a pattern that holds no image.
    """
    return _predict(predictor, expand(inputs), top_k)


def _predict(predictor: Predictor, sources: list[str], top_k: int) -> Iterator[Prediction]:
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
        for start in range(0, len(sources), BATCH_SIZE):
            batch = sources[start : start + BATCH_SIZE]
            arrays = list(pool.map(read, batch))
            good = [array for array in arrays if isinstance(array, np.ndarray)]
            rows = iter(predictor.predict_batch(np.stack(good)) if good else ())
            for source, array in zip(batch, arrays, strict=True):
                if isinstance(array, DataError):
                    yield Prediction(source, error=array.message)
                else:
                    yield answered(source, next(rows), predictor, top_k)


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
