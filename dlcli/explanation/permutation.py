"""Permutation importance (Breiman, 2001, "Random forests", section 10).

How much worse a model answers when the cells of one column change their rows. Needs nothing but
answers. The same answers are measured against shuffled targets as well, where no column can help:
what is lost there is what chance alone gives, and bounds what can be trusted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from dlcli import evaluation, kinds, outputs
from dlcli.artifacts import Predictor
from dlcli.data import Split
from dlcli.events import Events, Stage, ignore
from dlcli.inputs import columns
from dlcli.inputs.examples import Examples, take

REPEATS = 10
MAX_ROWS = 10_000

_ROWS_A_BATCH = 1024


@dataclass(frozen=True)
class Importance:
    """How much one column matters.

    Args:
        mean, std: of what the metric loses by a permutation, over the repeats: above 0 where
            the model answers worse.
        by_chance: the mean of the same against shuffled targets.
    """

    column: str
    mean: float
    std: float
    by_chance: float


@dataclass(frozen=True)
class Importances:
    """The columns of a table, the most important first.

    Args:
        metric: that is lost, such as "accuracy".
        value: with all columns as they are.
        num_rows: of the split that were measured.
        repeats: permutations of each column.
    """

    metric: str
    value: float
    columns: tuple[Importance, ...]
    num_rows: int
    repeats: int
    seed: int

    @property
    def bound(self) -> float:
        """The largest loss that shuffled targets gave: no smaller one tells from chance."""
        return max(abs(each.by_chance) for each in self.columns)


def measure(
    predictor: Predictor,
    split: Split,
    *,
    repeats: int = REPEATS,
    seed: int = 0,
    limit: int | None = None,
    events: Events = ignore,
) -> Importances:
    """Measure the importance of every column.

    Args:
        split: with targets.
        seed: of the permutations, and of the rows where not all are measured.
        limit: rows at most; None for `MAX_ROWS`.
    """
    generator = np.random.default_rng(seed)
    positions = np.arange(len(split))
    if len(split) > (most := limit or MAX_ROWS):
        positions = np.sort(generator.choice(positions, most, replace=False))
    raw, targets = split.gather(positions)
    metadata = predictor.metadata
    metric = kinds.output_of(metadata["task"]).monitor.name

    def value(answers: np.ndarray, truth: np.ndarray) -> float:
        return float(evaluation.of(metadata["task"]).measure(answers, truth, metadata)[metric])

    sign = 1.0 if outputs.metric(metric).higher_is_better else -1.0
    answers = _answers(predictor, raw, len(positions))
    base = value(answers, targets)
    shuffles = [generator.permutation(targets) for _ in range(repeats)]
    base_by_chance = [value(answers, shuffled) for shuffled in shuffles]
    found = []
    chosen = columns.from_metadata(metadata["input"]["columns"])
    for number, column in enumerate(chosen, 1):
        losses, losses_by_chance = [], []
        for shuffled, whole in zip(shuffles, base_by_chance, strict=True):
            permuted = {**raw, column.key: generator.permutation(raw[column.key])}
            answers = _answers(predictor, permuted, len(positions))
            losses.append(sign * (base - value(answers, targets)))
            losses_by_chance.append(sign * (whole - value(answers, shuffled)))
        found.append(
            Importance(
                column.name,
                float(np.mean(losses)),
                float(np.std(losses)),
                float(np.mean(losses_by_chance)),
            )
        )
        events(Stage("permuting columns", number, len(chosen)))
    found.sort(key=lambda each: -each.mean)
    return Importances(metric, base, tuple(found), len(positions), repeats, seed)


def document(importances: Importances) -> dict[str, Any]:
    """The importances as JSON has them."""
    return {
        "metric": importances.metric,
        "value": importances.value,
        "rows": importances.num_rows,
        "repeats": importances.repeats,
        "seed": importances.seed,
        "columns": [
            {
                "column": each.column,
                "importance": each.mean,
                "std": each.std,
                "with_shuffled_targets": each.by_chance,
                "above_chance": each.mean > importances.bound,
            }
            for each in importances.columns
        ],
    }


def _answers(predictor: Predictor, raw: Examples, num_rows: int) -> np.ndarray:
    return np.concatenate(
        [
            np.asarray(predictor.predict_batch(take(raw, slice(start, start + _ROWS_A_BATCH))))
            for start in range(0, num_rows, _ROWS_A_BATCH)
        ]
    )
