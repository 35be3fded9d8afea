"""What the process does in which one artifact is measured, and nothing else has run."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from dlcli import artifacts, kinds
from dlcli.benchmark import material
from dlcli.inputs.examples import Examples, spread, take

_NUM_DIFFERENT = 64  # examples that are answered one by one, in turn
_NUM_WARMING = 5
# Calls of which the times are taken: at least, at most, and for how long in between.
_SINGLES = (20, 500, 2.0)
_BATCHES = (3, 100, 2.0)


def run(job: dict[str, Any], tell: Callable[[dict[str, Any]], None]) -> None:
    """Load an artifact, time it, then measure how good its answers are.

    Args:
        job: "artifact", its path; "examples", a folder of `dlcli.benchmark.material`;
            "has_truth", whether these can be measured; "batch_size"; "threads"; and "trust".
        tell: told {"doing": ...} on the way, and the fields of a `dlcli.benchmark.run.Row`.
    """
    started = time.perf_counter()
    predictor = artifacts.load(
        Path(job["artifact"]), trust=job["trust"], num_threads=job["threads"]
    )
    loading = time.perf_counter() - started
    split = material.read(Path(job["examples"]))
    places = spread(len(split), _NUM_DIFFERENT)
    singles = [take(split.inputs, np.array([place])) for place in places]
    size = job["batch_size"]
    batch = take(split.inputs, np.resize(np.arange(len(split)), size))

    started = time.perf_counter()
    predictor.predict_batch(singles[0])
    first = time.perf_counter() - started
    alone = 1e3 * np.array(_seconds(predictor, singles, *_SINGLES))
    together = float(np.median(_seconds(predictor, [batch], *_BATCHES)))
    tell(
        {
            "load_seconds": loading + first,
            "single_ms": float(np.median(alone)),
            "single_p95_ms": float(np.percentile(alone, 95)),
            "examples_per_second": size / together,
            # Before the examples are read that only the metric needs.
            "peak_memory_bytes": _peak_memory(),
            "tensorflow": "tensorflow" in sys.modules,
        }
    )
    if not job["has_truth"]:
        return
    tell({"doing": "measuring its answers"})
    from dlcli.evaluation import evaluate

    measured = evaluate.evaluate(predictor, split)
    metric = kinds.output_of(predictor.metadata["task"]).monitor.name
    tell({"metric": metric, "value": measured[metric]})


def _seconds(
    predictor: artifacts.Predictor,
    raws: list[Examples],
    at_least: int,
    at_most: int,
    seconds: float,
) -> list[float]:
    """How long each of several calls took, with the raw examples in turn."""
    for number in range(_NUM_WARMING):
        predictor.predict_batch(raws[number % len(raws)])
    found: list[float] = []
    end = time.perf_counter() + seconds
    while len(found) < at_least or (len(found) < at_most and time.perf_counter() < end):
        raw = raws[len(found) % len(raws)]
        start = time.perf_counter()
        predictor.predict_batch(raw)
        found.append(time.perf_counter() - start)
    return found


def _peak_memory() -> int:
    """The most bytes that this process has had in memory."""
    try:
        # What getrusage says begins with that of the process which started this one.
        lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
        [peak] = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
        return int(peak) * 1024
    except (OSError, ValueError):
        peak_rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak_rss if sys.platform == "darwin" else peak_rss * 1024
