"""The flow of a benchmark: the data once, then each artifact by itself.

Nothing here imports TensorFlow; a process does in which an artifact needs it.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from dlcli import artifacts, child, kinds, outputs
from dlcli.benchmark import material, synthetic
from dlcli.data import Split
from dlcli.errors import DataError, DlcliError, UsageError
from dlcli.evaluation import measured_split
from dlcli.events import Events, Stage, Warned
from dlcli.inputs import examples
from dlcli.metric_names import is_better


@dataclass(frozen=True)
class Row:
    """What was measured of one artifact.

    Args:
        path: the artifact.
        format: such as "tflite", or "" where it is none.
        size: bytes of its file or files.
        error: why it could not be measured, or ""; then what follows is None.
        hint: what to do about the error.
        examples: how many it was measured on; None where there was no data, and the times are
            those of random inputs.
        metric: what models of its task are compared by, such as "accuracy".
        value: of the metric.
        change: of the metric against the first row: of a share in points, else as it is. None
            where the metrics are not the same.
        load_seconds: from nothing to the first answer, the import of its runtime included.
        single_ms, single_p95_ms: median and 95th percentile for one raw example.
        examples_per_second: of batches.
        peak_memory_bytes: of its process, while it loaded and was timed.
        tensorflow: whether it needed TensorFlow.
        failures: the conditions that it does not meet, in words.
    """

    path: Path
    format: str = ""
    size: int = 0
    error: str = ""
    hint: str = ""
    examples: int | None = None
    metric: str = ""
    value: float | None = None
    change: float | None = None
    load_seconds: float | None = None
    single_ms: float | None = None
    single_p95_ms: float | None = None
    examples_per_second: float | None = None
    peak_memory_bytes: int | None = None
    tensorflow: bool | None = None
    failures: tuple[str, ...] = ()


def benchmark(
    paths: Sequence[Path],
    *,
    own: str | None = None,
    limit: int | None = None,
    batch_size: int,
    threads: int,
    trust: bool,
    events: Events,
) -> Iterator[Row]:
    """Measure artifacts, one after another.

    Args:
        paths: exported files and folders.
        own: data in place of their runs' test splits.
        limit: at most so many examples, spread over the split; None for all.
        batch_size: of the throughput.
        threads: that one operator works on.
        trust: see `dlcli.artifacts.load`.
        events: told what is going on, what a user should know of how data was read, or why it was
            not.

    Yields:
        A row an artifact, in order; one that fails has its reason.
    """
    with tempfile.TemporaryDirectory(prefix="dlcli-benchmark-") as folder:
        prepared: dict[str, tuple[Path, int | None]] = {}
        first: Row | None = None
        for number, path in enumerate(paths, 1):
            where = f"{path} ({number} of {len(paths)})"
            row = Row(path)
            try:
                format_name, file = artifacts.identify(path)
                row = replace(row, format=format_name, size=artifacts.size(file))
                events(Stage(f"reading the data of {where}"))
                place, count = _prepared(path, own, limit, Path(folder), prepared, events)
                events(Stage(f"measuring {where}"))
                job = {
                    "artifact": str(path.resolve()),
                    "examples": str(place),
                    "has_truth": count is not None,
                    "batch_size": batch_size,
                    "threads": threads,
                    "trust": trust,
                }
                told: dict[str, Any] = {}
                for message in child.run("dlcli.benchmark.alone", job, "measuring it"):
                    told |= message
                told.pop("doing", None)
                row = replace(row, examples=count, **told)
                first = first or row
                row = replace(row, change=_change(first, row))
            except DlcliError as error:
                row = replace(row, error=error.message, hint=error.hint)
            yield row


def _prepared(
    path: Path,
    own: str | None,
    limit: int | None,
    folder: Path,
    prepared: dict[str, tuple[Path, int | None]],
    events: Events,
) -> tuple[Path, int | None]:
    """The folder of the examples for an artifact, and how many there are.

    Artifacts that take the same of the same data share them. Without data the examples are
    random, and their number is None.
    """
    document = artifacts.metadata_of(path)
    shared = ("task", "input", "class_names", "target", "forecast", "affine")
    sections = {name: document["recipe"].get(name) for name in ("data", "preprocessing")}
    key = json.dumps([sections, {name: document.get(name) for name in shared}], sort_keys=True)
    if key not in prepared:
        split = _split(path, document, own, events)
        place = folder / str(len(prepared))
        place.mkdir()
        if split is None:
            inputs = synthetic.examples(document)
            rows = np.arange(examples.size(inputs))
            material.save(place, Split(inputs, np.zeros(len(rows)), rows, [""] * len(rows)), None)
            prepared[key] = place, None
        else:
            prepared[key] = place, material.save(place, split, limit)
    return prepared[key]


def _split(path: Path, document: dict[str, Any], own: str | None, events: Events) -> Split | None:
    """The examples that an artifact is measured on, or None where their data is not at hand."""
    try:
        return measured_split.load(path, document, own, events)[0]
    except (UsageError, DataError) as error:
        if own is not None:
            raise
        events(Warned(f"times are those of random inputs: {error.message}"))
        return None


def check_bound(paths: Sequence[Path], min_metric: float | None) -> None:
    """See that a metric can be as good as it is asked to be.

    Raises:
        UsageError: a share of more than 1 is asked for.
    """
    if min_metric is None or min_metric <= 1:
        return
    for path in paths:
        try:
            metric = kinds.output_of(artifacts.metadata_of(path)["task"]).monitor.name
        except DlcliError:  # its row will say what is wrong with it
            continue
        if outputs.metric(metric).is_share:
            raise UsageError(
                f"--min-metric {min_metric:g} can never be met: {metric} is a share, from 0 to 1.",
                f"Per cent are written so: --min-metric {min_metric / 100:g}",
            )


def judged(row: Row, *, min_metric: float | None, max_ms: float | None) -> Row:
    """A row with the conditions that it does not meet.

    Args:
        row: what was measured; one with an error meets none.
        min_metric: how good its metric must be: a share at least this, an error at most.
        max_ms: the longest median for one example.
    """
    failures = []
    if row.error:
        if min_metric is not None or max_ms is not None:
            failures.append("could not be measured")
        return replace(row, failures=tuple(failures))
    if min_metric is not None and row.value is None:
        failures.append("no data to measure the metric on")
    elif min_metric is not None and not _reaches(row, min_metric):
        sign = "<" if outputs.metric(row.metric).higher_is_better else ">"
        failures.append(f"{row.metric} {row.value:.4g} {sign} {min_metric:g}")
    if max_ms is not None and row.single_ms is not None and row.single_ms > max_ms:
        failures.append(f"{row.single_ms:.3g} ms > {max_ms:g} ms")
    return replace(row, failures=tuple(failures))


def _reaches(row: Row, bound: float) -> bool:
    return row.value == bound or (row.value is not None and is_better(row.metric, row.value, bound))


def _change(first: Row, row: Row) -> float | None:
    if first.value is None or row.value is None or first.metric != row.metric:
        return None
    return (100 if outputs.metric(row.metric).is_share else 1) * (row.value - first.value)
