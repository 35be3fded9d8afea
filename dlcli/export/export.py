"""The flow of an export: write aside, load, compare, and only then put in place.

Nothing here imports TensorFlow. One process writes all artifacts; each is then answered for by
its own runtime in a fresh one, while the next is written.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dlcli import artifacts, child, data, files, kinds
from dlcli.artifacts import manifest, metadata
from dlcli.errors import ArtifactError, DataError, DlcliError
from dlcli.events import Events, Stage
from dlcli.export import parity
from dlcli.export.parity import Parity
from dlcli.export.target import PARTIAL, REJECTED, Target
from dlcli.inputs import examples
from dlcli.recipe import schema
from dlcli.runs.run_dir import RunDir

NUM_CALIBRATION = 200

_ONNX_PACKAGES = ("tf2onnx", "onnx", "onnxruntime")


@dataclass(frozen=True)
class Exported:
    """One artifact that passed its proof.

    Args:
        latency: median milliseconds, from the raw example on: `single_ms` for one, and
            `batch_ms` for `batch` of them.
        operators: of a TFLite or ONNX file, how often each stands in it.
    """

    target: Target
    path: Path
    size: int
    parity: Parity
    latency: dict[str, Any]
    operators: dict[str, int]


@dataclass(frozen=True)
class _Material:
    """What the processes and the comparison share."""

    folder: Path
    targets: np.ndarray

    @property
    def examples(self) -> Path:
        return self.folder / "examples.npz"

    @property
    def calibration(self) -> Path:
        return self.folder / "calibration.npz"

    @property
    def expected(self) -> Path:
        return self.folder / "expected.npy"

    @property
    def answers(self) -> Path:
        return self.folder / "answers.npz"


def export(
    run: RunDir,
    targets: Sequence[Target],
    events: Events,
    tolerance: float = parity.TOLERANCE,
    largest_drop: float = parity.LARGEST_DROP,
    own_data: str | None = None,
    rejected: Callable[[Target, ArtifactError], None] | None = None,
) -> Iterator[Exported]:
    """Write a run's model as each target and prove each.

    Args:
        run: a completed run.
        events: told what is going on, and what a user should know of how own data was read.
        tolerance: as `parity.TOLERANCE`, of float32 artifacts.
        largest_drop: as `parity.LARGEST_DROP`, of quantized ones.
        own_data: examples to compare on, and to calibrate int8 with, in place of the run's test
            and train splits; as `dlcli evaluate --data` takes them.
        rejected: told of each target that was not written or did not pass, after which the
            others are written. None: the first one ends the export.

    Yields:
        Each artifact, once it stands in the run's `exports` folder and in its manifest.

    Raises:
        ArtifactError: an artifact answers otherwise than the model; it is kept
            beside the others under a name that starts with "rejected-". Or the model
            cannot be converted.
        RunBusyError: another process writes the run.
        DlcliError: packages are missing that a format needs.
    """
    if any(target.format == "onnx" for target in targets):
        _require_onnx()
    _, model = artifacts.identify(run.path)
    asides = [run.exports / f"{PARTIAL}{target.file_name}" for target in targets]
    with run.locked(), tempfile.TemporaryDirectory(prefix="dlcli-export-") as folder:
        events(Stage("reading the data"))
        output = kinds.output_of(metadata.of_run(run)["task"])
        compared, calibrating = _splits(run, own_data, events)
        run.exports.mkdir(exist_ok=True)
        raw, truth = compared.gather(parity.positions(compared, output))
        material = _Material(Path(folder), truth)
        examples.save(material.examples, raw)
        calibrate = any(target.quantize == "int8" for target in targets)
        if calibrate:
            examples.save(material.calibration, _calibration(calibrating))
        pending = list(zip(targets, asides, strict=True))
        try:
            for aside in asides:
                _remove(aside)
            while pending:
                for written in _written(str(model.resolve()), pending, material, calibrate, events):
                    target, aside = pending.pop(0)
                    try:
                        if isinstance(written, ArtifactError):
                            raise written
                        events(Stage(f"comparing {target.title} with the model"))
                        exported = _prove(
                            run, target, aside, material, written, tolerance, largest_drop
                        )
                    except ArtifactError as error:
                        if rejected is None:
                            raise
                        rejected(target, error)
                    else:
                        yield exported
        finally:
            for aside in asides:
                _remove(aside)


def _splits(run: RunDir, own_data: str | None, events: Events) -> tuple[data.Split, data.Split]:
    """The examples that artifacts are compared on, and those that int8 is calibrated with."""
    document = metadata.with_keys_of_its_version(metadata.of_run(run))
    values = document["recipe"]
    # As it is found from here.
    own_source = schema.load(str(run.recipe)).data.source
    values = {**values, "data": {**values["data"], "source": own_source}}
    recipe = schema.from_values(values, str(run.metadata))
    if own_data is not None:
        split, _ = data.load_own(recipe, own_data, document, events)
        return split, split
    try:
        splits = data.load(recipe).splits
    except DataError as error:
        error.hint = error.hint or "Give the data's place with --data PATH."
        raise
    return splits.test, splits.train


def _written(
    model: str,
    targets: Sequence[tuple[Target, Path]],
    material: _Material,
    calibrate: bool,
    events: Events,
) -> Iterator[dict[str, Any] | ArtifactError]:
    """Write targets in a process of their own.

    Yields:
        For each target in order the model's metadata, or why it cannot be written. A process that
        crashes ends with the target that it was at; those behind it are still to be written.
    """
    job = {
        "model": model,
        "examples": str(material.examples),
        "expected": str(material.expected),
        "calibration": str(material.calibration) if calibrate else None,
        "targets": [(asdict(target), str(aside.resolve())) for target, aside in targets],
    }
    events(Stage("loading the model"))
    document: dict[str, Any] | None = None
    # Closed before what it has written is removed: it may be at the next artifact.
    with closing(child.run("dlcli.export.writer", job, "loading the model")) as writer:
        try:
            for told in writer:
                if "doing" in told:
                    events(Stage(told["doing"]))
                elif "metadata" in told:
                    document = told["metadata"]
                elif "refused" in told:
                    yield ArtifactError(told["refused"], told["hint"])
                elif document is not None:
                    yield document
        except ArtifactError as error:
            if document is None:  # the model itself cannot be loaded
                raise
            yield error


def _prove(
    run: RunDir,
    target: Target,
    aside: Path,
    material: _Material,
    document: dict[str, Any],
    tolerance: float,
    largest_drop: float,
) -> Exported:
    """Compare a written artifact with the model, and put it in its place."""
    job = {
        "artifact": str(aside.resolve()),
        "examples": str(material.examples),
        "answers": str(material.answers),
    }
    told: dict[str, Any] = {}
    for message in child.run("dlcli.export.checker", job, f"running {target.file_name}"):
        told |= message
    with np.load(material.answers) as answers:
        result = parity.compare(
            np.load(material.expected),
            answers,
            material.targets,
            document,
            tolerance=tolerance,
            quantize=target.quantize,
            largest_drop=largest_drop,
        )
    if not result.holds:
        rejected = run.exports / f"{REJECTED}{target.file_name}"
        _remove(rejected)
        os.replace(aside, rejected)
        raise _rejection(target, result, rejected)
    path = run.exports / target.file_name
    _remove(path)
    os.replace(aside, path)
    manifest.add(path)
    exported = Exported(
        target, path, artifacts.size(path), result, told["latency"], told["operators"]
    )
    files.write_json(
        run.exports / f"{target.file_name}.json",
        {
            **asdict(target),
            "bytes": exported.size,
            "parity": asdict(result),
            "latency": exported.latency,
            "operators": exported.operators,
            "metadata": document,
        },
    )
    return exported


def _rejection(target: Target, result: Parity, rejected: Path) -> ArtifactError:
    metric = result.metrics
    over = f"over {result.examples} examples"
    kept = f"It is kept as {rejected}."
    if result.largest_drop is None:
        return ArtifactError(
            f"{target.file_name} differs from the model by {result.max_difference:.2g} {over} "
            f"({metric}); at most {result.tolerance:.2g} is allowed. {kept}",
            "If the difference is acceptable to you, export again with a larger --tolerance.",
        )
    if not result.spread <= result.largest_spread:
        return ArtifactError(
            f"{target.file_name} answers one example differently, by {result.spread:.2g}, in "
            f"other orders and batch sizes ({over}). {kept}",
            "Export without --quantize.",
        )
    hint = (
        "Try --quantize dynamic or float16, which change less; or if the loss is acceptable to "
        "you, export again with a larger --tolerance."
    )
    if not result.change_holds:
        return ArtifactError(
            f"{target.file_name} changes {result.changed:.1f} % of the predictions {over} "
            f"({metric}); at most {result.largest_change:g} % is allowed. {kept}",
            hint,
        )
    return ArtifactError(
        f"{target.file_name} is worse than the model by {result.drop:.2f} {result.unit} {over} "
        f"({metric}); at most {result.largest_drop:g} is allowed. {kept}",
        hint,
    )


def _calibration(train: data.Split) -> examples.Examples:
    """Some of the train split, spread over it."""
    raw: examples.Examples = train.gather(examples.spread(len(train), NUM_CALIBRATION))[0]
    return raw


def _require_onnx() -> None:
    missing = [name for name in _ONNX_PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        raise DlcliError(
            f"the format onnx needs packages that are not installed: {', '.join(missing)}.",
            "Install them: pip install 'dlcli[onnx]'",
        )


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
