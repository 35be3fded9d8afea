"""What a run keeps of its answers to the test split, so that nothing need be predicted again.

One file, `predictions/test.npz`: read with NumPy alone, and without pickles.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from dlcli import evaluation, files, kinds
from dlcli.data import Split
from dlcli.errors import DlcliError
from dlcli.runs import documents
from dlcli.runs.run_dir import RunDir

FORMAT = "dlcli.predictions/1"

Arrays = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Predictions:
    """Answers to a test split, example by example, in its order.

    Args:
        task: such as "image-classification".
        names: (num_examples,) what each example is called.
        answers: what `stored` of the kind of answer gave.
        terms: what `terms` of the kind of answer gave.
        baselines: name of a simple model -> the terms of its answers to the same examples.
        attributes: what is known of the examples besides, each (num_examples,): numbers, or
            indices of one of `groups`, which has the same name.
        groups: attribute -> what its indices mean.
        rows: sha256 of the positions that the examples have in the dataset, which do not change
            with the name of a file; "" in runs of dlcli 0.1.
    """

    task: str
    names: Sequence[str]
    answers: Arrays
    terms: Arrays
    baselines: Mapping[str, Arrays] = field(default_factory=dict)
    attributes: Arrays = field(default_factory=dict)
    groups: Mapping[str, Sequence[str]] = field(default_factory=dict)
    rows: str = ""

    def __len__(self) -> int:
        return len(self.names)


def of(
    answers: np.ndarray,
    split: Split,
    metadata: Mapping[str, Any],
    baselines: Mapping[str, Arrays],
) -> Predictions | None:
    """What is kept of answers to a split, or None where a metric is of all of them together.

    Args:
        answers: what `dlcli.evaluation.evaluate.predict` gave of the split.
        baselines: see `Predictions`.
    """
    if not kinds.output_of(metadata["task"]).per_example:
        return None
    module = evaluation.of(metadata["task"])
    targets = split.targets[split.rows]
    return Predictions(
        metadata["task"],
        [split.name(position) for position in range(len(split))],
        module.stored(answers, targets),
        module.terms(answers, targets, metadata),
        baselines,
        rows=hashlib.sha256(np.asarray(split.rows, "<i8").tobytes()).hexdigest(),
    )


def file_of(run: RunDir) -> Path:
    """Where a run keeps them."""
    return run.predictions / "test.npz"


def write(run: RunDir, predictions: Predictions) -> None:
    """Write them into a run, in one step; the same predictions give the same bytes."""
    about = {
        "format": FORMAT,
        "task": predictions.task,
        "baselines": list(predictions.baselines),
        "groups": predictions.groups,
        "names": list(predictions.names),
        "rows": predictions.rows,
    }
    named: dict[str, np.ndarray] = {
        **{f"answers/{name}": values for name, values in predictions.answers.items()},
        **{f"terms/{name}": values for name, values in predictions.terms.items()},
        **{f"attributes/{name}": values for name, values in predictions.attributes.items()},
    }
    for number, terms in enumerate(predictions.baselines.values()):
        named |= {f"baselines/{number}/{name}": values for name, values in terms.items()}
    path = file_of(run)
    path.parent.mkdir(exist_ok=True)
    write_arrays(path, about, named)


def write_arrays(path: Path, about: Mapping[str, Any], named: Mapping[str, np.ndarray]) -> None:
    """Write what `arrays` reads, in one step.

    Args:
        about: a JSON document.
    """
    # NumPy's own strings are as long as the longest, and its pickles are programs.
    document = np.frombuffer(json.dumps(about).encode(), np.uint8)
    with files.replacing(path) as aside, aside.open("wb") as file:
        np.savez_compressed(file, about=document, **named)  # type: ignore[arg-type]


def read(run: RunDir) -> Predictions | None:
    """Read what a run has kept; None where it has kept nothing.

    Raises:
        DlcliError: the file is damaged.
    """
    path = file_of(run)
    if not path.exists():
        return None
    try:
        named = arrays(path)
        about = json.loads(named.pop("about").tobytes())
        task, names = about["task"], about["names"]
        baselines, groups = about["baselines"], about["groups"]
    except (KeyError, TypeError, ValueError) as error:
        raise DlcliError(f"{path} is damaged: {error}.", documents.PUT_BACK) from None
    return Predictions(
        task,
        names,
        _under(named, "answers/"),
        _under(named, "terms/"),
        {name: _under(named, f"baselines/{number}/") for number, name in enumerate(baselines)},
        _under(named, "attributes/"),
        groups,
        about.get("rows", ""),
    )


def arrays(path: Path) -> dict[str, np.ndarray]:
    """All arrays of such a file, as they are stored."""
    try:
        # Opened here, as NumPy leaves what it cannot read open.
        with (
            files.plain(path).open("rb") as content,
            np.load(content, allow_pickle=False) as file,
        ):
            return {name: file[name] for name in file.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise DlcliError(f"{path} cannot be read: {error}.", documents.PUT_BACK) from None


def _under(named: Arrays, prefix: str) -> dict[str, np.ndarray]:
    return {
        name.removeprefix(prefix): values
        for name, values in named.items()
        if name.startswith(prefix)
    }
