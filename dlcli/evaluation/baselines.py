"""What simple models reach on the test split, to stand beside the result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from dlcli import baselines, evaluation, kinds
from dlcli.data import DataSet
from dlcli.evaluation import bootstrap
from dlcli.evaluation.predictions import Predictions
from dlcli.recipe.schema import Recipe
from dlcli.runs import verdict as verdicts
from dlcli.runs.results import best_baseline


def measure(
    recipe: Recipe,
    dataset: DataSet,
    numbers: baselines.Numbers,
    metadata: dict[str, Any],
    keep: Callable[[str, dict[str, np.ndarray]], None] = lambda name, terms: None,
) -> list[dict[str, Any]]:
    """Measure the simple models as the network is measured.

    Args:
        recipe, dataset, numbers: see `dlcli.baselines.answers`.
        metadata: the model's.
        keep: told the `terms` of each model, where each prediction is judged by itself.

    Returns:
        For each its `name`, the number of `examples` and its metrics, the simplest first.
    """
    splits, module = dataset.splits, evaluation.of(recipe.task)
    num_before = 0
    if module.decide:
        # Thresholds of simple models are chosen on the validation split too.
        num_before = len(splits.validation)
        rows = np.concatenate([splits.validation.rows, splits.test.rows])
        both = replace(splits.test, rows=rows)
        dataset = replace(dataset, splits=replace(splits, test=both))
    asked = dataset.splits.test
    truth = asked.targets[asked.rows]
    targets = truth[num_before:]
    is_per_example = kinds.output_of(recipe.task).per_example
    found = []
    for name, answered in baselines.answers(recipe, dataset, numbers):
        answers = np.asarray(answered)
        decided = evaluation.decided(recipe.task, answers[:num_before], truth[:num_before])
        metadata, answers = {**metadata, **decided}, answers[num_before:]
        measured = module.measure(answers, targets, metadata)
        if is_per_example:
            keep(name, module.terms(answers, targets, metadata))
        single = {key: value for key, value in measured.items() if not isinstance(value, list)}
        found.append({"name": name, **single})
    return found


def verdict(
    metrics: dict[str, Any], kept: Predictions | None, metadata: dict[str, Any]
) -> dict[str, Any]:
    """Judge a model against its best baseline, by the same examples where that can be.

    Args:
        metrics: `test`, `baselines` and `monitor` of `metrics.json`.
        kept: answers to the test split with the terms of the baselines, or None.

    Returns:
        See `dlcli.runs.verdict.document`.
    """
    name = best_baseline(metrics).get("name", "")
    if kept is None or name not in kept.baselines:
        return verdicts.document(metrics)
    found = bootstrap.difference(
        kept.terms,
        kept.baselines[name],
        evaluation.of(metadata["task"]).from_means,
        metrics["monitor"],
        bootstrap.block_length_of(metadata, len(kept)),
    )
    return verdicts.document(metrics, found.value, (found.interval.low, found.interval.high))
