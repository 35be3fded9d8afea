"""How good the answers are to parts of the test split, such as dark pictures or long texts."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from dlcli import evaluation
from dlcli.evaluation import bootstrap
from dlcli.evaluation.predictions import Predictions
from dlcli.metric_names import format_metric, is_better, title
from dlcli.reporting import results

FEW = 30  # examples; of fewer, a figure says little
_NUM_QUANTILES = 4
_NUM_RESAMPLES = 300


def of(
    kept: Predictions | None, metrics: dict[str, Any], metadata: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Figures of each group of each attribute.

    Returns:
        For each attribute its `name`, the `metric` and its `groups`: name, number of examples,
        the figure with its interval, and whether that leaves out the figure of all ("better",
        "worse" or "").
    """
    if not kept:
        return []
    metric = metrics["monitor"]
    whole = metrics["test"][metric]
    module = evaluation.of(kept.task)
    found = []
    for attribute, values in kept.attributes.items():
        groups = []
        for name, inside in _groups(values, kept.groups.get(attribute)):
            count = int(inside.sum())
            terms = {term: each[inside] for term, each in kept.terms.items()}
            means = {term: each.mean(axis=0) for term, each in terms.items()}
            value = module.from_means(means)[metric]
            block = bootstrap.block_length_of(metadata, count)
            interval = bootstrap.intervals(terms, module.from_means, block, _NUM_RESAMPLES).get(
                metric
            )
            known = bool(np.isfinite(value))
            stands_out = ""
            if known and interval and count >= FEW and not interval.holds(whole):
                stands_out = "better" if is_better(metric, value, whole) else "worse"
            groups.append(
                {
                    "name": name,
                    "examples": count,
                    "value": float(value) if known else None,
                    "text": format_metric(metric, float(value) if known else None, count),
                    "interval": [interval.low, interval.high] if interval else None,
                    "interval_text": results.written(metric, interval, count),
                    "stands_out": stands_out,
                    "few": count < FEW,
                }
            )
        if len(groups) > 1:
            found.append(
                {"name": attribute, "metric": metric, "title": title(metric), "groups": groups}
            )
    return found


def _groups(values: np.ndarray, names: Sequence[str] | None) -> Iterator[tuple[str, np.ndarray]]:
    """Each group's name and, bool (num_examples,), who is in it; none is empty."""
    if names is not None:
        for place, name in enumerate(names):
            inside = values == place
            if inside.any():
                yield name, inside
        return
    known = values[~np.isnan(values)]
    if len(known):
        different = np.unique(known)
        if len(different) <= _NUM_QUANTILES:
            for value in different:
                yield _number(value), values == value
        else:
            yield from _quantiles(values, known)
    if np.isnan(values).any():
        yield "missing", np.isnan(values)


def _quantiles(values: np.ndarray, known: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    edges = np.unique(np.quantile(known, np.linspace(0, 1, _NUM_QUANTILES + 1)))
    for low, high in itertools.pairwise(edges):
        is_last = high == edges[-1]
        inside = (values >= low) & ((values <= high) if is_last else (values < high))
        if inside.any():
            yield f"{_number(low)} to {_number(high)}", inside


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
