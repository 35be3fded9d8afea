"""The fresh process in which an artifact answers: only its own runtime is loaded there."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from dlcli import artifacts
from dlcli.export import encoded, operators
from dlcli.inputs.examples import Examples, read, size, take

BATCH_SIZE = 64
_NUM_SINGLE = 64
_TIMED_BATCH = 32
_NUM_TIMED = 50
_SECONDS_TIMED = 2.0


def run(job: dict[str, Any], tell: Callable[[dict[str, Any]], None]) -> None:
    """Answer every example in several orders, and measure how long that takes.

    Args:
        job: "artifact"; "examples", a file of raw ones; "answers", where the answers go, an
            `.npz` of "forward" and "backward", both in the examples' order, and "singles",
            the first examples one by one, each twice.
        tell: told {"latency", "operators", "tensorflow"}.

    Raises:
        ArtifactError: a signature for files answers otherwise than that for pixels.
    """
    predictor = artifacts.load(Path(job["artifact"]), trust=True)  # it was written just now
    raw = read(Path(job["examples"]))
    singles = np.arange(min(_NUM_SINGLE, size(raw))).repeat(2)
    np.savez(
        job["answers"],
        forward=in_batches(predictor, raw),
        backward=in_batches(predictor, take(raw, slice(None, None, -1)))[::-1],
        singles=np.concatenate(
            [predictor.predict_batch(take(raw, slice(i, i + 1))) for i in singles]
        ),
    )
    encoded.check(predictor, raw)
    tell(
        {
            "latency": _latency(predictor, raw),
            "operators": operators.of(Path(job["artifact"])),
            "tensorflow": "tensorflow" in sys.modules,
        }
    )


def in_batches(predictor: artifacts.Predictor, raw: Examples) -> np.ndarray:
    """All answers of a predictor, (num_examples, ...), in the examples' order."""
    starts = range(0, size(raw), BATCH_SIZE)
    return np.concatenate(
        [predictor.predict_batch(take(raw, slice(i, i + BATCH_SIZE))) for i in starts]
    )


def _latency(predictor: artifacts.Predictor, raw: Examples) -> dict[str, Any]:
    """Median milliseconds for one raw example and for a batch of them."""
    batch = min(_TIMED_BATCH, size(raw))
    return {
        "single_ms": _median_ms(predictor, take(raw, slice(0, 1))),
        "batch": batch,
        "batch_ms": _median_ms(predictor, take(raw, slice(0, batch))),
    }


def _median_ms(predictor: artifacts.Predictor, raw: Examples) -> float:
    predictor.predict_batch(raw)
    times: list[float] = []
    end = time.perf_counter() + _SECONDS_TIMED
    while len(times) < _NUM_TIMED and (not times or time.perf_counter() < end):
        start = time.perf_counter()
        predictor.predict_batch(raw)
        times.append(time.perf_counter() - start)
    return round(1e3 * float(np.median(times)), 4)
