"""Data sources: one file a kind, each gives `Splits` of raw examples and a `DataSpec`.

Built-in sets are the files of `dlcli/data/builtin`, each with a
`load(recipe) -> DataSet`; a path is read by the source of its kind.
Nothing here imports TensorFlow, so that an exported file is evaluated without it.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dlcli import catalog
from dlcli.errors import DataError, UsageError
from dlcli.recipe import Recipe


@dataclass(frozen=True)
class Split:
    """Raw examples with random access by position.

    Splits of one data set share `inputs` (in memory or memory-mapped) and
    differ in `rows`.

    Args:
        inputs: (num_stored, ...) raw examples; for images uint8
            (num_stored, height, width, channels).
        targets: (num_stored,) int32 class indices.
        rows: (num_examples,) int64 positions in `inputs` and `targets`.
        names: (num_stored,) what to call each stored example, such as its file.
    """

    inputs: np.ndarray
    targets: np.ndarray
    rows: np.ndarray
    names: Sequence[str]

    def __len__(self) -> int:
        return len(self.rows)

    def gather(self, positions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Raw examples (batch, ...) and targets (batch,) at positions of this split."""
        rows = self.rows[positions]
        return self.inputs[rows], self.targets[rows]

    def name(self, position: int) -> str:
        """What to call one example."""
        return self.names[int(self.rows[position])]


@dataclass(frozen=True)
class Splits:
    """The three splits; nothing but `train` may be fitted on."""

    train: Split
    validation: Split
    test: Split


@dataclass(frozen=True)
class DataSpec:
    """What the model needs to know of the data.

    Args:
        input_shape: shape of one raw example, such as (28, 28, 1).
        input_dtype: dtype of raw examples, such as "uint8".
        class_names: one a class, in the order of the class indices.
        fingerprint: sha256 of the examples, to tell whether two runs saw the same data.
        bad_files: files that were left out, each with the reason.
    """

    input_shape: tuple[int, ...]
    input_dtype: str
    class_names: tuple[str, ...]
    fingerprint: str
    bad_files: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class DataSet:
    """What a source returns."""

    splits: Splits
    spec: DataSpec


def load(recipe: Recipe, progress: Callable[[int, int], None] | None = None) -> DataSet:
    """Load the recipe's data, check its labels and split it.

    Args:
        recipe: says what to load and how to split it.
        progress: called with (examples done, examples) while a folder is read
            for the first time.

    Raises:
        UsageError: the recipe names no data, or an unknown one.
        DataError: the data is missing, unreadable or unfit.
    """
    source = recipe.data.source
    if source is None:
        raise UsageError(
            "this recipe has no data of its own.",
            "Give some with --data PATH (a folder with one subfolder a class).",
        )
    if source in catalog.built_in_sources():
        module: Any = importlib.import_module(f"dlcli.data.builtin.{source}")
        dataset = module.load(recipe)
    elif "/" in source or Path(source).exists():
        from dlcli.data import image_folder

        dataset = image_folder.load(recipe, progress)
    else:
        names = catalog.built_in_sources()
        raise UsageError(
            f"unknown data source '{source}'. Expected a path, or one of: {', '.join(names)}."
            f"{catalog.did_you_mean(source, names)}"
        )
    _check_labels(dataset)
    return dataset


def _check_labels(dataset: DataSet) -> None:
    """A label out of range is silent NaN under XLA and on a GPU: refuse it before training."""
    num_classes = len(dataset.spec.class_names)
    for name, split in vars(dataset.splits).items():
        labels = split.targets[split.rows]
        bad = np.flatnonzero((labels < 0) | (labels >= num_classes))
        if len(bad):
            raise DataError(
                f"the {name} split holds label {labels[bad[0]]} ({split.name(bad[0])}); "
                f"expected 0 to {num_classes - 1}."
            )


def load_own(
    recipe: Recipe,
    source: str,
    class_names: Sequence[str],
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Split, tuple[tuple[str, str], ...]]:
    """Load a user's folder to measure a trained model on.

    Args:
        recipe: what the model was trained with.
        source: the folder; measured whole, or its test split where it has one.
        class_names: the model's, in the order of its outputs.
        progress: as for `load`.

    Returns:
        Examples whose targets are indices into `class_names`; and the files
        left out, each with the reason.

    Raises:
        DataError: the folder is unfit, or holds a class that the model does not know.
    """
    from dlcli.data import image_folder

    return image_folder.load_whole(recipe, Path(source), class_names, progress)
