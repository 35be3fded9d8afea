"""The flow of an export: write aside, load, compare, and only then put in place."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import keras

from dlcli import artifacts, data, run_dir
from dlcli import recipe as recipes
from dlcli.artifacts import keras_file as keras_artifact
from dlcli.errors import ArtifactError
from dlcli.export import keras_file, parity, saved_model, tflite
from dlcli.export.parity import Parity
from dlcli.run_dir import RunDir

FORMATS: dict[str, Any] = {"keras": keras_file, "saved-model": saved_model, "tflite": tflite}


@dataclass(frozen=True)
class Exported:
    """One artifact that passed its proof.

    Args:
        format: its name on the command line.
        path: the file or folder.
        size: bytes.
        parity: how it compares with the run's model.
    """

    format: str
    path: Path
    size: int
    parity: Parity


def export(
    run: RunDir,
    formats: Sequence[str],
    stage: Callable[[str], None],
    tolerance: float = parity.TOLERANCE,
) -> Iterator[Exported]:
    """Write a run's model in each format and prove each.

    Args:
        run: a completed run.
        formats: keys of `FORMATS`.
        stage: told what is going on.
        tolerance: as `parity.TOLERANCE`.

    Yields:
        Each artifact, once it stands in the run's `exports` folder.

    Raises:
        ArtifactError: an artifact answers otherwise than the model; it is kept
            beside the others under a name that starts with "rejected-".
    """
    _, model_path = artifacts.identify(run.path)
    stage("loading the model")
    # Traced on the CPU, so that a GPU's kernels do not get into the file.
    with keras.device("cpu:0"):
        reference = keras_artifact.load(model_path)
        split = data.load(recipes.load(str(run.recipe))).splits.test
        run.exports.mkdir(exist_ok=True)
        for name in formats:
            stage(f"writing {name}")
            yield _export_one(run, name, reference, split, stage, tolerance)


def _export_one(
    run: RunDir,
    name: str,
    reference: keras_artifact.KerasPredictor,
    split: data.Split,
    stage: Callable[[str], None],
    tolerance: float,
) -> Exported:
    module = FORMATS[name]
    path = run.exports / module.FILE_NAME
    aside = run.exports / f"partial-{module.FILE_NAME}"
    _remove(aside)
    try:
        module.write(reference.model, reference.metadata, aside)
        stage(f"comparing {name} with the model")
        result = parity.compare(reference, artifacts.load(aside), split, tolerance)
        if not result.holds:
            rejected = run.exports / f"rejected-{module.FILE_NAME}"
            _remove(rejected)
            os.replace(aside, rejected)
            raise ArtifactError(
                f"{module.FILE_NAME} differs from the model by {result.max_difference:.2g} over "
                f"{result.examples} examples ({result.metric} {result.before:.4f} -> "
                f"{result.after:.4f}); at most {result.tolerance:.2g} is allowed. "
                f"It is kept as {rejected}.",
                "If the difference is acceptable to you, export again with a larger --tolerance.",
            )
        _remove(path)
        os.replace(aside, path)
    finally:
        _remove(aside)
    exported = Exported(name, path, _size(path), result)
    run_dir.write_json(
        run.exports / f"{module.FILE_NAME}.json",
        {
            "format": name,
            "bytes": exported.size,
            "parity": asdict(result),
            "metadata": reference.metadata,
        },
    )
    return exported


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _size(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())
