"""Pictures made of noise, by any artifact; a `.tflite` file makes them without TensorFlow."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from dlcli.artifacts import Predictor
from dlcli.errors import UsageError
from dlcli.evaluation import plots
from dlcli.inputs import images, noise

_BATCH_SIZE = 256


def make(predictor: Predictor, count: int, seed: int) -> np.ndarray:
    """Make pictures.

    Args:
        predictor: of a model whose output is an image.
        count: how many.
        seed: the same one makes the same pictures; of more pictures the first stay.

    Returns:
        uint8 (count, height, width, channels).
    """
    (size,) = predictor.metadata["input"]["shape"]
    drawn = noise.normal(count, size, seed)
    made = np.concatenate(
        [
            predictor.predict_batch(drawn[start : start + _BATCH_SIZE])
            for start in range(0, count, _BATCH_SIZE)
        ]
    )
    return np.clip(np.rint(made), 0, 255).astype(np.uint8)


def write(pictures: np.ndarray, path: Path) -> None:
    """Write pictures on one sheet, or each into a file of its own.

    Args:
        pictures: uint8 (count, height, width, channels).
        path: a sheet where it ends like an image file, such as `.png`; else a folder, made
            when it is missing, for `0000.png` and so on.

    Raises:
        UsageError: it cannot be written.
    """
    from PIL import Image

    try:
        if path.suffix.lower() in images.EXTENSIONS:
            plots.picture_sheet(pictures, path, columns=_columns(len(pictures)))
            return
        path.mkdir(parents=True, exist_ok=True)
        digits = max(4, len(str(len(pictures) - 1)))
        for index, picture in enumerate(pictures):
            single = picture.squeeze(-1) if picture.shape[-1] == 1 else picture
            Image.fromarray(single).save(path / f"{index:0{digits}}.png")
    except (OSError, KeyError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(
            f"{path} cannot be written: {reason}.",
            "Give a file that ends in .png, or a folder, with --output.",
        ) from None


def _columns(count: int) -> int:
    """Pictures a row, for a sheet that is about as wide as high."""
    return max(int(np.ceil(np.sqrt(count))), 1)
