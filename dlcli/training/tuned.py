"""What `dlcli autotune` found on this machine: one small file for each kind of work.

    $XDG_CACHE_HOME/dlcli/autotune/<sha256 of the work>.json

The work is the network, the shape of an example, the batch size, the device and the version of
TensorFlow: what is found for one says nothing of another.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import tensorflow as tf

from dlcli import files
from dlcli.data import DataSpec
from dlcli.errors import DlcliError
from dlcli.recipe.sections import Section
from dlcli.training import environment

KEYS = ("precision", "compile", "intra_op_threads")


def work(task: str, model: Section, batch_size: int, spec: DataSpec) -> dict[str, Any]:
    """What a choice holds for."""
    return {
        "task": task,
        "model": model.model_dump(mode="json"),
        "input_shape": list(spec.input_shape),
        "batch_size": batch_size,
        "device": environment.device(),
        "cpu_features": environment.cpu_features(),
        "tensorflow": tf.__version__,
    }


def path(of: dict[str, Any]) -> Path:
    """The file of what was found for some work."""
    digest = hashlib.sha256(json.dumps(of, sort_keys=True).encode()).hexdigest()
    return files.cache_folder() / "autotune" / f"{digest[:32]}.json"


def write(of: dict[str, Any], chosen: dict[str, Any]) -> Path:
    """Keep what was found.

    Raises:
        DlcliError: the cache folder cannot be written.
    """
    file = path(of)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        files.write_json(file, {"work": of, "chosen": chosen})
    except OSError as error:
        raise DlcliError(
            f"{file} cannot be written: {error.strerror}.",
            "Set XDG_CACHE_HOME to a folder that can be.",
        ) from None
    return file


def read(of: dict[str, Any]) -> dict[str, Any]:
    """What was found, by key of `training`; nothing where there is none."""
    try:
        chosen = json.loads(path(of).read_text(encoding="utf-8"))["chosen"]
        return {key: chosen[key] for key in KEYS}
    except (OSError, DlcliError, ValueError, LookupError, TypeError):
        return {}
