"""What differs between two runs, compared byte by byte. Needs no TensorFlow."""

from __future__ import annotations

import csv
import io
import itertools
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from dlcli.errors import DlcliError
from dlcli.evaluation import predictions
from dlcli.events import Event, Warned
from dlcli.runs import documents
from dlcli.runs.run_dir import RunDir
from dlcli.training import checkpoints

# The part of a training's position that is time, and so never repeats.
_TIMES = {"seconds", "epoch_seconds", "saving_seconds"}
_NAMED = 3  # differences told one by one


@dataclass(frozen=True)
class Compared:
    """One thing that two runs have both.

    Args:
        what: such as "optimizer state".
        count: how much of it was compared.
        unit: what was counted, such as "values".
        differences: sentences; () where every byte is equal.
    """

    what: str
    count: int
    unit: str
    differences: tuple[str, ...] = ()


def compare(left: RunDir, right: RunDir) -> list[Compared]:
    """Compare two completed runs.

    The answers to the test split are left out where one of the runs has kept none, the
    checkpoints where one has none any more.

    Raises:
        DlcliError: a file is missing or damaged.
    """
    found = [
        _history(left.history, right.history),
        _metrics(left.metrics, right.metrics),
        _arrays("weights of model.keras", _model(left.model), _model(right.model)),
    ]
    answers = [predictions.file_of(run) for run in (left, right)]
    if all(path.exists() for path in answers):
        found.append(_arrays("answers to the test split", *map(predictions.arrays, answers)))
    states = [checkpoints.read_newest(run.checkpoints, _refuse) for run in (left, right)]
    if states[0] and states[1]:
        found += _checkpoints(states[0], states[1])
    return found


def _history(left: Path, right: Path) -> Compared:
    texts = [_read(path).decode(errors="replace") for path in (left, right)]
    rows = [list(csv.DictReader(io.StringIO(text))) for text in texts]
    differences: list[str] = []
    for before, after in zip(*rows, strict=False):
        differences += [
            f"epoch {before.get('epoch')}: {change}" for change in _changed(before, after)
        ]
    if len(rows[0]) != len(rows[1]):
        differences.append(f"{len(rows[0])} epochs -> {len(rows[1])} epochs")
    if texts[0] != texts[1] and not differences:
        differences.append("written differently")
    return Compared("history.csv", len(rows[0]), "epochs", _first(differences))


def _metrics(left: Path, right: Path) -> Compared:
    contents = [_read(path) for path in (left, right)]
    values = [dict(_leaves(documents.read_json(path))) for path in (left, right)]
    differences = list(_changed(*values))
    if contents[0] != contents[1] and not differences:
        differences.append("written differently")
    return Compared("metrics.json", len(values[0]), "figures", _first(differences))


def _checkpoints(left: checkpoints.Checkpoint, right: checkpoints.Checkpoint) -> list[Compared]:
    groups = {
        "weights, random states, metric states": ("core", "metric"),
        "optimizer state": ("optimizer",),
        "best weights": ("best",),
    }
    positions = [
        {name: value for name, value in each.state["position"].items() if name not in _TIMES}
        for each in (left, right)
    ]
    flat = [dict(_leaves(position)) for position in positions]
    return [
        *(
            _arrays(what, *(_group(each.arrays, prefixes) for each in (left, right)))
            for what, prefixes in groups.items()
        ),
        Compared(
            "position of the last checkpoint", len(flat[0]), "figures", _first(_changed(*flat))
        ),
    ]


def _group(arrays: Mapping[str, np.ndarray], prefixes: tuple[str, ...]) -> dict[str, np.ndarray]:
    return {name: array for name, array in arrays.items() if name.partition("-")[0] in prefixes}


def _arrays(what: str, left: Mapping[str, np.ndarray], right: Mapping[str, np.ndarray]) -> Compared:
    count = sum(array.size for array in left.values())
    differences = [f"{name} is in one run only" for name in sorted(left.keys() ^ right.keys())]
    differing, largest, where = 0, 0.0, ""
    for name in sorted(left.keys() & right.keys()):
        before, after = left[name], right[name]
        if (before.shape, before.dtype) != (after.shape, after.dtype):
            differences.append(
                f"{name}: {before.dtype} {before.shape} -> {after.dtype} {after.shape}"
            )
        elif before.tobytes() != after.tobytes():
            differing += 1
            distance = float(np.max(np.abs(before.astype(float) - after.astype(float)), initial=0))
            if not where or distance > largest:
                largest, where = distance, name
    if differing:
        differences.append(
            f"{differing} of {len(left)} arrays, by {largest:.2g} at most (in {where})"
        )
    return Compared(what, count, "values", _first(differences))


def _model(path: Path) -> dict[str, np.ndarray]:
    """The weights in a `.keras` file, by their path in it."""
    found: dict[str, np.ndarray] = {}

    def visit(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            found[name] = np.asarray(item)

    try:
        with zipfile.ZipFile(path) as archive, archive.open("model.weights.h5") as member:
            h5py.File(io.BytesIO(member.read()), "r").visititems(visit)
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise DlcliError(f"{path} cannot be read: {error}.") from None
    return found


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for name in dict.fromkeys([*before, *after]):
        left, right = before.get(name), after.get(name)
        if left != right and not (left != left and right != right):  # noqa: PLR0124 - NaN
            yield f"{name} {_shown(left)} -> {_shown(right)}{_distance(left, right)}"


def _shown(value: Any) -> str:
    if value is None:
        return "missing"
    try:
        return f"{float(value):.6g}"  # how much it is off stands beside it
    except (TypeError, ValueError):
        return str(value)


def _distance(left: Any, right: Any) -> str:
    try:
        return f" (by {abs(float(right) - float(left)):.2g})"
    except (TypeError, ValueError):
        return ""


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{name}.{key}" if name else key)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _leaves(inner, f"{name}[{index}]")
    else:
        yield name, value


def _first(differences: Any) -> tuple[str, ...]:
    listed = list(differences)
    more = len(listed) - _NAMED
    return tuple(itertools.islice(listed, _NAMED)) + ((f"and {more} more",) if more > 0 else ())


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DlcliError(f"{path} cannot be read: {error.strerror}.") from None


def _refuse(event: Event) -> None:
    if isinstance(event, Warned):
        raise DlcliError(event.message)
