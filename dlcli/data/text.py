"""From texts with labels to a data set: their classes and their splits."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from dlcli import kinds
from dlcli.data import DataSet, DataSpec, Splits, copies, splits, targets
from dlcli.inputs.text import normalized
from dlcli.recipe.sections.text import Data


@dataclass(frozen=True)
class Texts:
    """Texts that were read.

    Args:
        texts: column of text (num_texts,), null where there is none.
        labels: column of their classes (num_texts,), null where there is none.
        names: (num_texts,) what to call each.
        given: split -> (num_examples,) int64 positions, of the splits that are given.
        bad_files: files that were left out, each with the reason.
        reading: how the files were read; see `dlcli.inputs.tables.Contents`.
    """

    texts: pl.Series
    labels: pl.Series
    shown: str
    names: Sequence[str]
    given: Mapping[str, np.ndarray]
    bad_files: Sequence[tuple[str, str]] = ()
    reading: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def dataset(source: Texts, task: str, data: Data) -> DataSet:
    """Make a data set of texts; splits that are not given are cut from train by class.

    Args:
        source: texts without a label are left out; empty ones are not.

    Raises:
        DataError: labels do not fit, or a class has too few texts.
    """
    labels, shown = source.labels, source.shown
    known = labels.is_not_null().to_numpy() | kinds.output_of(task).has_several_classes
    given, warnings = targets.with_target(known, source.given, labels.name, shown)
    of_output = targets.of(task)
    column = targets.Column(
        labels,
        shown,
        task,
        data.label_case,
        row_names=source.names,
        separator=data.label_separator,
    )
    fitted = of_output.fit(column, given)
    warnings += fitted.notes
    # One example for train and one for each split cut from it.
    of_output.require_enough(fitted, given["train"], 4 - len(given), column)
    examples = array(source.texts)
    groups = _groups(examples)
    strata = of_output.strata(fitted.targets)
    rows_of = splits.completed(given, strata, data, groups, may_recur=True)
    lacking = targets.lacking(task, fitted.targets, rows_of, fitted.class_names)
    for split, name in lacking.items():
        warnings.append(f"no text of the {split} split is of the class '{name}'.")
    used = np.concatenate(list(rows_of.values()))
    if empty := sum(not text.strip() for text in examples[used]):
        is_are = "text is" if empty == 1 else "texts are"
        warnings.append(f"{empty:,} {is_are} empty: the model learns to answer them too.")
    warnings += copies.notes(groups, rows_of, given, source.names, "text")
    return DataSet(
        Splits.of(examples, fitted.targets, rows_of, source.names),
        DataSpec(
            input_shape=(),
            input_dtype="string",
            class_names=fitted.class_names,
            fingerprint=_fingerprint(examples, fitted.targets),
            bad_files=tuple(source.bad_files),
            text=source.texts.name,
            target=labels.name,
            warnings=tuple(warnings),
            inferred=fitted.inferred,
        ),
    )


def array(texts: pl.Series) -> np.ndarray:
    """A column of text as raw examples, str objects (num_texts,); what is missing is empty."""
    return np.array([normalized(text or "") for text in texts.cast(pl.String)], object)


def _groups(examples: np.ndarray) -> np.ndarray:
    """See `copies.groups`; spaces tell no texts apart, and an empty one is nobody's copy."""
    texts = [" ".join(text.split()) for text in examples]
    groups = copies.groups(pl.DataFrame({"text": pl.Series(texts, dtype=pl.String)}))
    empty = [place for place, text in enumerate(texts) if not text]
    groups[empty] = empty
    return groups


def _fingerprint(examples: np.ndarray, targets: np.ndarray) -> str:
    sha256 = hashlib.sha256()
    for text in examples:
        data = text.encode()
        sha256.update(len(data).to_bytes(8, "little"))
        sha256.update(data)
    sha256.update(targets.tobytes())
    return sha256.hexdigest()
