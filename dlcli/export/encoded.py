"""Proof that a SavedModel's signature for files answers as its signature for pixels does."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from PIL import Image

from dlcli import artifacts, kinds
from dlcli.errors import ArtifactError
from dlcli.inputs import images
from dlcli.inputs.examples import Examples

_NUM_EXAMPLES = 8
_TOLERANCE = 1e-4  # of a probability


def check(predictor: artifacts.Predictor, raw: Examples) -> None:
    """Compare both on PNG files with and without transparency; other artifacts have no files.

    Args:
        raw: examples as it takes them; of images uint8 (num_examples, height, width, channels).

    Raises:
        ArtifactError: an answer is another.
    """
    answer_files = getattr(predictor, "predict_encoded", None)
    kind = kinds.for_task(predictor.metadata["task"])
    if answer_files is None or not kind.takes_image_files:
        return
    form = images.form_of(predictor.metadata)
    pictures = np.asarray(raw[:_NUM_EXAMPLES])  # type: ignore[index]
    files = [_png(pixels, alpha) for alpha in (False, True) for pixels in pictures]
    expected = predictor.predict_batch(
        np.stack([images.decode(file, "an example", **form) for file in files])
    )
    difference = float(np.abs(answer_files(files) - expected).max())
    if not difference <= _TOLERANCE:
        raise ArtifactError(
            f"the signature 'encoded' differs from the model by {difference:.2g} over "
            f"{len(files)} PNG files; at most {_TOLERANCE:g} is allowed.",
            "Report it; 'serving_default' takes pixels and is not affected.",
        )


def _png(pixels: np.ndarray, has_alpha: bool) -> bytes:
    """A file of pixels, uint8 (height, width, channels); every other row transparent or none."""
    image: Any = Image.fromarray(pixels.squeeze(-1) if pixels.shape[-1] == 1 else pixels)
    if has_alpha:
        opaque = np.zeros(pixels.shape[:2], np.uint8)
        opaque[::2] = 255
        image.putalpha(Image.fromarray(opaque))
    content = io.BytesIO()
    image.save(content, "PNG")
    return content.getvalue()
