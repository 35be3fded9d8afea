"""How like real pictures made ones are, judged without the network that they were made against."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from dlcli import frechet
from dlcli.evaluation import plots

WRITTEN = ()
_NUM_DRAWN = 64
keep = decide = None


def measure(
    pictures: np.ndarray, targets: np.ndarray, metadata: Mapping[str, Any]
) -> dict[str, Any]:
    """Measure made pictures, 0 to 255, against real ones that nothing was trained on.

    Returns:
        `examples`; `frechet_distance`, see `dlcli.frechet`: 0 for pictures of which mean and
        covariance of all features are those of the real ones; and `real_halves_distance`,
        the same between two halves of the real pictures: what chance alone gives.
    """
    real = frechet.features(targets)
    halves = [real[start::2] for start in range(2)]
    return {
        "examples": len(targets),
        "frechet_distance": frechet.distance(
            frechet.moments(real), frechet.moments(frechet.features(pictures))
        ),
        "real_halves_distance": frechet.distance(*map(frechet.moments, halves))
        if len(real) > 1
        else float("nan"),
    }


def terms(
    pictures: np.ndarray, targets: np.ndarray, metadata: Mapping[str, Any]
) -> dict[str, np.ndarray]:
    """{}: pictures are measured all together."""
    return {}


def from_means(means: Mapping[str, Any]) -> dict[str, Any]:
    """{}: see `terms`."""
    return {}


def stored(pictures: np.ndarray, targets: np.ndarray) -> dict[str, np.ndarray]:
    """{}: see `terms`."""
    return {}


def draw(
    measured: Mapping[str, Any],
    answers: np.ndarray,
    targets: np.ndarray,
    metadata: Mapping[str, Any],
    folder: Path,
    name_of: Callable[[int], str],
) -> Iterator[tuple[str, Path]]:
    """Draw made pictures, and real ones to compare them with."""
    for name, pictures in (("made", answers), ("real", targets)):
        path = folder / f"{name}.png"
        plots.picture_sheet(pictures[:_NUM_DRAWN], path)
        yield f"pictures/{name}", path


def draw_progress(answers: np.ndarray, epoch: int, folder: Path) -> Iterator[tuple[str, Path]]:
    """Draw what the model makes of the same noise after each epoch."""
    path = folder / "epochs" / f"epoch-{epoch:04d}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    plots.picture_sheet(answers, path)
    yield "pictures/learning", path
