"""Data sources: one file a kind, each gives `Splits` of raw examples and a `DataSpec`.

Built-in sets are the files of `dlcli/data/builtin`; a path is read by the source of its kind. What
both have is in `dlcli.data.protocols`.
Nothing here imports TensorFlow, so that an exported file is evaluated without it.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from dlcli import catalog, kinds
from dlcli.data import protocols
from dlcli.errors import DataError, UsageError
from dlcli.events import Events, ignore
from dlcli.inputs import affine, examples
from dlcli.inputs.affine import Affines

# Nor pydantic, which the schema of a recipe takes: a file is predicted without it, and its import
# would take as long as that of NumPy.
if TYPE_CHECKING:
    from dlcli.inputs.columns import Column
    from dlcli.inputs.forecasts import Forecast
    from dlcli.inputs.notation import Notation
    from dlcli.recipe.schema import Recipe


@dataclass(frozen=True)
class Split:
    """Raw examples with random access by position.

    Splits of one data set share `inputs` (in memory or memory-mapped) and
    differ in `rows`.

    Args:
        inputs: (num_stored, ...) raw examples; for images uint8
            (num_stored, height, width, channels), for tables a dict of columns, for
            texts str objects (num_stored,), for pictures float32 noise, for series float
            (num_stored, steps, channels). Numbers are in their own units, and float64 where
            float32 does not hold them.
        targets: (num_stored,) int32 class indices, or float64 in the target's own units;
            pictures uint8 (num_stored, height, width, channels); of a forecast float64
            (num_stored, horizon, num_targets), NaN where missing; of a running text int32
            (num_stored, steps) where there is an answer at every step.
        rows: (num_examples,) int64 positions in `inputs` and `targets`.
        names: (num_stored,) what to call each stored example, such as its file.
        affines: of the columns and targets that float32 does not hold.
    """

    inputs: Any  # Examples; what reads them knows which
    targets: Any  # an array, or like one
    rows: np.ndarray
    names: Sequence[str]
    affines: Affines = affine.NONE

    def __len__(self) -> int:
        return len(self.rows)

    def gather(self, positions: np.ndarray) -> tuple[Any, np.ndarray]:
        """Raw examples (batch, ...) and targets (batch, ...) at positions of this split."""
        rows = self.rows[positions]
        return examples.take(self.inputs, rows), self.targets[rows]

    def gather_for_model(self, positions: np.ndarray) -> tuple[Any, np.ndarray]:
        """The same as the model takes and answers them: numbers in float32."""
        raw, targets = self.gather(positions)
        return self.affines.examples(raw), self.affines.targets(targets)

    def name(self, position: int) -> str:
        """What to call one example."""
        return self.names[int(self.rows[position])]


@dataclass(frozen=True)
class Splits:
    """The three splits; nothing but `train` may be fitted on."""

    train: Split
    validation: Split
    test: Split

    @classmethod
    def of(
        cls,
        inputs: Any,
        targets: Any,
        rows: Mapping[str, np.ndarray],
        names: Sequence[str],
        affines: Affines = affine.NONE,
    ) -> Splits:
        """The splits of stored examples; see `Split`, of which each has `rows` of its own."""
        splits = ("train", "validation", "test")
        return cls(*(Split(inputs, targets, rows[split], names, affines) for split in splits))


@dataclass(frozen=True)
class DataSpec:
    """What the model needs to know of the data.

    Args:
        input_shape: shape of one raw example, such as (28, 28, 1); of a table's row and of
            a text ().
        input_dtype: dtype of raw examples, such as "uint8" or "string"; of a table "".
        class_names: one a class, in the order of the class indices; none in a regression.
        fingerprint: sha256 of the examples, to tell whether two runs saw the same data.
        bad_files: files that were left out, each with the reason.
        columns: of a table, those that the model reads; of whole series out of a table with a
            header, their steps.
        text: of texts, the name of their column.
        target: name of the column that is predicted.
        target_notation: how the numbers of that column are written.
        target_mean, target_std: of a regression's targets in the train split, as the model
            answers them.
        picture_shape: (height, width, channels) of the pictures that are to be made.
        series: of a series, what is forecast from what; `forecast` is the same where it must be.
        affines: of the columns and targets that float32 does not hold.
        inferred: keys of the recipe's `data` section that were inferred from the files, each with
            its value, such as the separator; they are written into the resolved recipe.
    """

    input_shape: tuple[int, ...]
    input_dtype: str
    class_names: tuple[str, ...]
    fingerprint: str
    bad_files: tuple[tuple[str, str], ...] = ()
    columns: tuple[Column, ...] = ()
    text: str = ""
    target: str = ""
    target_notation: Notation | None = None
    target_mean: float = 0.0
    target_std: float = 1.0
    picture_shape: tuple[int, ...] = ()
    series: Forecast | None = None
    affines: Affines = affine.NONE
    warnings: tuple[str, ...] = ()
    inferred: Mapping[str, Any] = field(default_factory=dict)

    @property
    def forecast(self) -> Forecast:
        """What is forecast from what, of a series."""
        if self.series is None:
            raise ValueError("the data is not a series")
        return self.series

    def answered(self) -> dict[str, Any]:
        """What a model's metadata says of its answers, and of numbers beyond float32."""
        found: dict[str, Any] = {"class_names": list(self.class_names), "target": self.target}
        if self.target_notation:
            found["target_notation"] = asdict(self.target_notation)
        if self.series is not None:
            found["forecast"] = self.forecast.document()
        if self.affines:
            found["affine"] = self.affines.document()
        return found


@dataclass(frozen=True)
class DataSet:
    """What a source returns."""

    splits: Splits
    spec: DataSpec


def load(recipe: Recipe, events: Events = ignore) -> DataSet:
    """Load the recipe's data and split it.

    Args:
        events: told how far it is while a folder is read
            for the first time.

    Raises:
        UsageError: the recipe names no data, or an unknown one.
        DataError: the data is missing, unreadable or unfit.
    """
    source, kind = recipe.data.source, kinds.for_task(recipe.task)
    sections = recipe.data, recipe.preprocessing
    if source is None:
        raise UsageError(
            "this recipe has no data of its own.",
            f"Give some with --data PATH ({kind.source_description}).",
        )
    if source in catalog.built_in_sources():
        module = _built_in(source)
        if kind.built_in_kind != module.KIND:
            raise UsageError(
                f"the data set '{source}' is of the kind '{module.KIND}'; the task {recipe.task} "
                f"works on the kind '{kind.name}'. "
                f"Expected a path{_or(_built_in_names(kind))}."
            )
        require_one_class(recipe.task, f"the built-in data set '{source}'")
        dataset = module.load(recipe.task, *sections)
        if kind.built_in_kind != kind.name:
            borrower: protocols.Borrower = kinds.module("data", kind)
            dataset = borrower.borrowed(dataset, *sections)
        return _noting_a_path_of_that_name(dataset, source)
    if "/" in source or Path(source).exists():
        return _source(kind).load(recipe.task, *sections, events)
    names = _built_in_names(kind)
    if Path(source).suffix:
        raise UsageError(
            f"there is no file '{source}' in {Path.cwd()}.",
            f"Check the path{_or(names, 'name a built-in data set')}",
        )
    raise UsageError(
        f"unknown data source '{source}'. Expected a path{_or(names)}."
        f"{catalog.did_you_mean(source, names)}"
    )


def one_class_task(task: str) -> str:
    """Return the task on the same kind of data that predicts one class per example."""
    others = kinds.for_task(task).tasks.items()
    return next(
        name for name, other in others if other.has_classes and not other.has_several_classes
    )


def require_one_class(task: str, shown: str) -> None:
    """Refuse data with one class per example where the task takes any number of them.

    Args:
        task: its name.
        shown: the data, such as a folder of class folders.

    Raises:
        DataError: the task is one of these.
    """
    if kinds.output_of(task).has_several_classes:
        raise DataError(
            f"{shown} has one class for each example; with the task {task} an example may have "
            "several.",
            f"Give a table with a column of labels, such as 'red|round' in one cell; or, to "
            f"predict one class: task={one_class_task(task)}",
        )


def _noting_a_path_of_that_name(dataset: DataSet, source: str) -> DataSet:
    """Say that a built-in data set is not the file or folder that has its name."""
    if not Path(source).exists():
        return dataset
    note = (
        f"'{source}' is the built-in data set; what is at ./{source} is not read. To read that: "
        f"--data ./{source}"
    )
    return replace(dataset, spec=replace(dataset.spec, warnings=(note, *dataset.spec.warnings)))


def _built_in(source: str) -> protocols.BuiltIn:
    module: Any = importlib.import_module(f"dlcli.data.builtin.{source}")
    return cast(protocols.BuiltIn, module)


def _built_in_names(kind: kinds.Kind) -> list[str]:
    names = catalog.built_in_sources()
    return [name for name in names if kind.built_in_kind == _built_in(name).KIND]


def _or(names: list[str], words: str = "one of") -> str:
    return f", or {words}: {', '.join(names)}" if names else ""


def _source(kind: kinds.Kind) -> protocols.Source:
    module: Any = importlib.import_module(f"dlcli.data.{kind.source}")
    return cast(protocols.Source, module)


def load_own(
    recipe: Recipe, source: str, metadata: dict[str, Any], events: Events = ignore
) -> tuple[Split, tuple[tuple[str, str], ...]]:
    """Load a user's own data to measure a trained model on.

    Args:
        source: a path; measured whole, or its test split where it has one.
        metadata: the model's, which says what it takes and answers.
        events: told how far it is, and what a user should know of how the files were read.

    Returns:
        Examples as the model takes them, with targets as it answers them; and the files
        or rows left out, each with the reason.

    Raises:
        DataError: the data is unfit, or holds a class that the model does not know.
    """
    return _source(kinds.for_task(recipe.task)).load_whole(
        Path(source), recipe.task, recipe.data, recipe.preprocessing, metadata, events
    )
