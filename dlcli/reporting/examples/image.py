"""Pictures: grouped by how bright they are and how much is in them, shown as they were read."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dlcli.data import Split

NUM_SHOWN = 24  # pictures take little room
_BATCH = 256
_MAX_SIDE = 160  # of what is shown, in pixels


def attributes(
    split: Split, metadata: Mapping[str, Any]
) -> tuple[dict[str, np.ndarray], dict[str, Sequence[str]]]:
    """`brightness`, the mean of the pixels, and `contrast`, their deviation; 0 to 1."""
    brightness, contrast = np.empty(len(split)), np.empty(len(split))
    for start in range(0, len(split), _BATCH):
        positions = np.arange(start, min(start + _BATCH, len(split)))
        pixels = np.asarray(split.gather(positions)[0], np.float32).reshape(len(positions), -1)
        brightness[positions] = pixels.mean(axis=1) / 255
        contrast[positions] = pixels.std(axis=1) / 255
    return {"brightness": brightness, "contrast": contrast}, {}


def shown(split: Split, position: int, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """`picture`, a PNG in base64."""
    from PIL import Image

    pixels = split.gather(np.array([position]))[0][0]
    image = Image.fromarray(pixels.squeeze(-1) if pixels.shape[-1] == 1 else pixels)
    image.thumbnail((_MAX_SIDE, _MAX_SIDE))
    file = io.BytesIO()
    image.save(file, format="png")
    return {"picture": base64.b64encode(file.getvalue()).decode()}
