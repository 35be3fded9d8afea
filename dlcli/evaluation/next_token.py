"""How good probabilities of a text's next character are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from dlcli.evaluation import MAX_STORED, plots

WRITTEN = ()
decide = draw_progress = None


def keep(probabilities: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """The probability of the true character, and 1 where it is the likeliest, else 0.

    Of probabilities (batch, num_characters) or (batch, steps, num_characters) float32 (batch, 2) or
    (batch, steps, 2).
    """
    true = np.take_along_axis(probabilities, targets[..., None], axis=-1)[..., 0]
    return np.stack([true, probabilities.argmax(axis=-1) == targets], axis=-1, dtype=np.float32)


def measure(kept: np.ndarray, targets: np.ndarray, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Measure a model of text.

    Returns:
        `examples` (windows), `characters`, `loss` (mean cross-entropy in nats a character),
        `accuracy` of the likeliest character, and `perplexity`, e to the loss: between how
        many equally likely characters the model would be as unsure.
    """
    loss = float(_losses(kept).mean())
    return {
        "examples": len(targets),
        "characters": int(targets.size),
        "loss": loss,
        "accuracy": float(kept[..., 1].mean(dtype=np.float64)),
        "perplexity": float(np.exp(loss)),
    }


def terms(
    kept: np.ndarray, targets: np.ndarray, metadata: Mapping[str, Any]
) -> dict[str, np.ndarray]:
    """`loss` in nats a character and `accuracy` of each window: all of them are equally long."""
    return {
        "loss": _losses(kept).reshape(len(kept), -1).mean(axis=1),
        "accuracy": kept[..., 1].reshape(len(kept), -1).mean(axis=1, dtype=np.float64),
    }


def from_means(means: Mapping[str, Any]) -> dict[str, Any]:
    """The means, and the perplexity of the loss."""
    return {**means, "perplexity": np.exp(means["loss"])}


def stored(kept: np.ndarray, targets: np.ndarray) -> dict[str, np.ndarray]:
    """Where they are few, `losses` in nats, float32 of the shape of the targets."""
    losses = _losses(kept).astype(np.float32)
    return {"losses": losses} if losses.size <= MAX_STORED else {}


def draw(
    measured: Mapping[str, Any],
    kept: np.ndarray,
    targets: np.ndarray,
    metadata: Mapping[str, Any],
    folder: Path,
    name_of: Callable[[int], str],
) -> Iterator[tuple[str, Path]]:
    """Draw how the loss falls as more text is read, of a model that predicts at every step."""
    if kept.ndim == 3:
        path = folder / "loss_by_position.png"
        plots.loss_by_position(_losses(kept).mean(axis=0), measured["loss"], path)
        yield "loss_by_position", path


def _losses(kept: np.ndarray) -> np.ndarray:
    # Keras's clipping, so that the figure is the one that training shows.
    return -np.log(np.clip(kept[..., 0].astype(np.float64), 1e-7, 1 - 1e-7))
