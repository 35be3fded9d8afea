"""Images: where the network looked, and which pixels count."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dlcli.explanation import integrated_gradients, occlusion
from dlcli.explanation.attribution import Attribution, Explained, Method, Places
from dlcli.explanation.drawings.image import draw
from dlcli.explanation.subject import Subject

__all__ = ["AUTOMATIC", "METHODS", "draw", "places"]

AUTOMATIC = ("grad-cam", "integrated-gradients")

_PATCHES_A_SIDE = 8


def places(subject: Subject, raw: np.ndarray) -> Places:
    """The pixels."""
    return Places((), raw[0])


def _grad_cam(subject: Subject) -> Method:
    from dlcli.explanation.grad_cam import GradCam

    grad_cam = GradCam(subject.network)

    def attribute(raw: np.ndarray, explained: Explained) -> Attribution:
        heat = grad_cam.heat_map(subject.network.numbers(raw), explained.index)
        return Attribution(
            "grad-cam",
            _resized(heat, raw.shape[1:3]),
            f"evidence for {subject.unit(explained).removeprefix('log-odds of ')}",
            signed=False,
            details={"feature_maps": heat},
        )

    return attribute


def _integrated_gradients(subject: Subject) -> Method:
    def attribute(raw: np.ndarray, explained: Explained) -> Attribution:
        network = subject.network
        # From black alone, what is black could never count.
        black_and_white = np.concatenate([np.zeros_like(raw), np.full_like(raw, 255)])
        references = list(network.numbers(black_and_white))
        named = "a black and a white image, the mean of both"
        numbers = network.numbers(raw)
        found = integrated_gradients.attribution(subject, explained, numbers, references, named)
        return replace(found, values=found.values.sum(axis=2))

    return attribute


def _occlusion(subject: Subject) -> Method:
    def attribute(raw: np.ndarray, explained: Explained) -> Attribution:
        _, height, width, _ = raw.shape
        mean = np.rint(raw.mean(axis=(1, 2))).astype(np.uint8)
        high, wide = (max(1, side * 2 // _PATCHES_A_SIDE) for side in (height, width))
        patches = [
            (slice(*rows), slice(*columns))
            for rows in occlusion.windows(height, high)
            for columns in occlusion.windows(width, wide)
        ]
        reference = f"patches of {high}x{wide} pixels in the image's mean colour"
        return occlusion.by_window(subject, explained, raw, patches, lambda patch: mean, reference)

    return attribute


METHODS = {
    "grad-cam": _grad_cam,
    "integrated-gradients": _integrated_gradients,
    "occlusion": _occlusion,
}


def _resized(heat: np.ndarray, size: tuple[int, ...]) -> np.ndarray:
    """A map of the size of the image, bilinear."""
    from PIL import Image

    height, width = size
    image = Image.fromarray(heat.astype(np.float32))
    return np.asarray(image.resize((width, height), Image.Resampling.BILINEAR), np.float64)
