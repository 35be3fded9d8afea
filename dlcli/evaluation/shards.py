"""Evaluation by shards: each keeps its answers, and all of them are measured together.

So a metric that is no mean over examples, such as an area under a curve or the distance of two
sets of pictures, is that of the whole to the last bit.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dlcli import evaluation
from dlcli.data import Split
from dlcli.errors import DataError, DlcliError
from dlcli.evaluation import predictions
from dlcli.prediction import shards
from dlcli.prediction.shards import Shard

FORMAT = "dlcli.evaluation-shard/1"


def write(
    path: Path,
    answers: np.ndarray,
    split: Split,
    shard: Shard,
    metadata: dict[str, Any],
    artifact: str,
    model: str,
) -> None:
    """Write the answers of one shard, in one step.

    Args:
        answers: what `dlcli.evaluation.evaluate.predict` gave for the shard's examples.
        split: all examples.
        artifact: what was evaluated, as the user named it.
        model: its sha256.
    """
    targets = split.targets[split.rows]
    names = hashlib.sha256()
    for position in range(len(split)):
        names.update(f"{split.name(position)}\0".encode())
    names.update(np.ascontiguousarray(targets).tobytes())
    about = {
        "format": FORMAT,
        "shard": str(shard),
        "job": {"model": model, "examples": len(split), "data": names.hexdigest()},
        "artifact": artifact,
        "metadata": metadata,
    }
    first, last = shard.of(len(split))
    named = {"answers": answers, "targets": targets[first:last]}
    predictions.write_arrays(path, about, named)


def is_shard(path: Path) -> bool:
    """Whether a file looks like one that `write` wrote."""
    try:
        with path.open("rb") as file:
            return file.read(4) == b"PK\x03\x04"
    except OSError:
        return False


def merge(paths: Sequence[Path]) -> dict[str, Any]:
    """Measure the answers of all shards, in any order, together.

    Returns:
        `artifact`, and `test`: what `dlcli.evaluation.evaluate.evaluate` gives for the whole.

    Raises:
        DataError: a shard is missing, there twice, damaged, or of another model or data.
    """
    found = {str(path): _read(path) for path in paths}
    first = next(iter(found.values()))[0]
    for name, (about, _, _) in found.items():
        changes = [key for key, value in first["job"].items() if about["job"][key] != value]
        if changes:
            raise DataError(
                f"{name} is of another evaluation than {paths[0]}: {', '.join(changes)} differ.",
                "Evaluate all shards with one model and one data set.",
            )
    given = [(str(path), found[str(path)][0]["shard"]) for path in paths]
    ordered = [found[name] for name in shards.in_order(given)]
    answers, targets = (np.concatenate([each[place] for each in ordered]) for place in (1, 2))
    if len(answers) != first["job"]["examples"]:
        raise DataError(
            f"the shards hold {len(answers):,} answers; the data has {first['job']['examples']:,}."
        )
    metadata = first["metadata"]
    measured = evaluation.of(metadata["task"]).measure(answers, targets, metadata)
    return {"artifact": first["artifact"], "test": measured}


def _read(path: Path) -> tuple[dict[str, Any], np.ndarray, np.ndarray]:
    try:
        named = predictions.arrays(path)
        about = json.loads(named["about"].tobytes())
        if about["format"] != FORMAT:
            raise ValueError(about["format"])
        return about, named["answers"], named["targets"]
    except (DlcliError, KeyError, TypeError, ValueError) as error:
        raise DataError(
            f"{path} is not a shard of an evaluation: {error}.",
            "Make one: dlcli evaluate RUN --shard 1/4 --output part-1.npz",
        ) from None
