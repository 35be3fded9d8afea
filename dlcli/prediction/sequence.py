"""Whole series in files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from dlcli.artifacts import Predictor
from dlcli.errors import DataError
from dlcli.events import Events, ignore, warn
from dlcli.inputs import sequences
from dlcli.inputs.ts_files import WholeSeries
from dlcli.prediction.source import Batch, Part, Source


def source(
    predictor: Predictor, inputs: Sequence[str], texts: Sequence[str], events: Events = ignore
) -> Source:
    """Every series of files in the order given, with its true class where the file has one.

    Files are `.ts`, or tables with a series a row; "-" is a CSV table on standard input.
    """
    found = [sequences.read_for(_path(each), predictor.metadata, False) for each in inputs]
    return of_series(predictor, found, inputs, events)


def of_series(
    predictor: Predictor,
    files: Sequence[WholeSeries],
    shown: Sequence[str],
    events: Events = ignore,
) -> Source:
    """Every series that was read of files, each of which is called as `shown` says.

    Raises:
        DataError: they have other channels than the model.
    """
    form = predictor.metadata["input"]
    num_steps, num_channels = form["shape"]

    def part(found: WholeSeries) -> Part:
        def read(first: int, stop: int, batch_size: int) -> Iterator[Batch]:
            for start in range(first, stop, batch_size):
                rows = slice(start, min(start + batch_size, stop))
                raw = sequences.padded(found.values[rows], num_steps)
                errors = {}
                if form["missing"] == "fail":
                    errors = {
                        place: "values are missing"
                        for place, series in enumerate(raw)
                        if sequences.missing(series)
                    }
                good = [place for place in range(len(raw)) if place not in errors]
                labels = found.labels[rows] if found.labels else ()
                yield Batch(found.names[rows], raw[good] if good else None, errors, truths=labels)

        return Part(len(found.values), read)

    for item, found in zip(shown, files, strict=True):
        warn(events, found.notes)
        if found.values[0].shape[1] != num_channels:
            raise DataError(
                f"{item} has {found.values[0].shape[1]} channels; the model takes {num_channels}."
            )
    return Source(tuple(map(part, files)), lambda: _fingerprint(files))


def _path(item: str) -> Path:
    return Path("/dev/stdin" if item == "-" else item)


def _fingerprint(files: Sequence[WholeSeries]) -> str:
    sha256 = hashlib.sha256()
    for found in files:
        for name, series in zip(found.names, found.values, strict=True):
            sha256.update(f"{name} {series.shape}".encode())
            sha256.update(series.tobytes())
    return sha256.hexdigest()
