"""How far a figure may be off by chance: intervals over resampled test examples.

The percentile bootstrap (B. Efron and R. Tibshirani, An Introduction to the Bootstrap, 1993,
chapter 13). Where examples follow each other in time, circular blocks of them are drawn (D. Politis
and J. Romano, A circular block-resampling procedure for stationary data, 1992): windows that
overlap are no independent examples.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from dlcli import kinds, outputs

CONFIDENCE = 0.95
NUM_RESAMPLES = 1000
SEED = 0

# More examples are put together at random into at most this many groups of equal size, and the
# groups are drawn: the spread of a mean is the same, and the time is bounded.
_MAX_DRAWN = 10_000
_CHUNK = 2_000_000  # draws at once
# With more terms, how often each example was drawn is multiplied by what they are: as fast for
# hundreds of terms as for one.
_MANY_TERMS = 16

Metrics = Callable[[Mapping[str, Any]], Mapping[str, Any]]


@dataclass(frozen=True)
class Interval:
    """Where a figure lies with 95 % confidence."""

    low: float
    high: float

    def holds(self, value: float) -> bool:
        """Whether a value lies within."""
        return self.low <= value <= self.high


@dataclass(frozen=True)
class Difference:
    """How far one model's figure is from another's on the same examples.

    Args:
        value: of the first less the second.
        interval: of the value.
        p: how often a difference as large would come about if there were none; two-sided.
    """

    value: float
    interval: Interval
    p: float


def block_length(task: str, num_examples: int, horizon: int = 1) -> int:
    """How many neighbouring examples are drawn together.

    Args:
        task: windows over a series or a text depend on each other; other examples do not.
        num_examples: the length grows with their third root, as the variance of a mean of
            dependent values asks for (P. Hall, J. Horowitz and B.-Y. Jing, 1995).
        horizon: steps of a forecast; two windows that are nearer than that overlap.
    """
    if not kinds.for_task(task).examples_depend:
        return 1
    return min(max(horizon, math.ceil(num_examples ** (1 / 3))), num_examples)


def block_length_of(metadata: Mapping[str, Any], num_examples: int) -> int:
    """`block_length` of so many of the examples that a model was measured on."""
    horizon = metadata["forecast"]["horizon"] if metadata.get("forecast") else 1
    return block_length(metadata["task"], num_examples, horizon)


def means(
    terms: Mapping[str, np.ndarray],
    block: int = 1,
    num_resamples: int = NUM_RESAMPLES,
    seed: int = SEED,
) -> dict[str, np.ndarray]:
    """Means over resampled examples.

    Args:
        terms: name -> (num_examples,), or (num_examples, num_classes).
        block: see `block_length`.
        num_resamples: how often examples are drawn, each time as many as there are.

    Returns:
        Each term's means, float64 (num_resamples,) or (num_resamples, num_classes).
    """
    random = np.random.default_rng(seed)
    columns = [np.asarray(values, np.float64) for values in terms.values()]
    pool = np.column_stack(columns)
    count = len(pool)
    if block > 1:
        sums = np.cumsum(np.concatenate([pool, pool[: block - 1]]), axis=0)
        sums = np.concatenate([np.zeros((1, pool.shape[1])), sums])
        pool = (sums[block:] - sums[:-block]) / block
        count = math.ceil(count / block)
    elif count > _MAX_DRAWN:
        size = math.ceil(count / _MAX_DRAWN)
        order = random.permutation(count)[: count // size * size]  # less than one group is left
        pool = pool[order].reshape(-1, size, pool.shape[1]).mean(axis=1)
        count = len(pool)
    drawn = np.empty((num_resamples, pool.shape[1]))
    at_once = max(_CHUNK // count, 1)
    for start in range(0, num_resamples, at_once):
        rows = min(at_once, num_resamples - start)
        places = random.integers(0, len(pool), (rows, count))
        if pool.shape[1] > _MANY_TERMS:
            places += len(pool) * np.arange(rows)[:, None]
            times = np.bincount(places.ravel(), minlength=rows * len(pool))
            means_of_some = times.reshape(rows, len(pool)) @ pool / count
        else:
            means_of_some = pool[places].mean(axis=1)
        drawn[start : start + rows] = means_of_some
    ends = np.cumsum([1 if values.ndim == 1 else values.shape[1] for values in columns])
    parts = zip(terms, columns, np.split(drawn, ends[:-1], axis=1), strict=True)
    return {name: part[:, 0] if values.ndim == 1 else part for name, values, part in parts}


def intervals(
    terms: Mapping[str, np.ndarray],
    metrics: Metrics,
    block: int = 1,
    num_resamples: int = NUM_RESAMPLES,
) -> dict[str, Interval]:
    """An interval for each metric that has one.

    Args:
        terms: see `means`; of one example at least.
        metrics: `from_means` of the output.
        block, num_resamples: see `means`.
    """
    found = {}
    for name, values in metrics(means(terms, block, num_resamples)).items():
        known = np.asarray(values)[np.isfinite(values)]
        if len(known):
            found[name] = _interval(known)
    for name in found if block == 1 else ():
        if is_hit_or_miss(name, terms) and np.ptp(terms[name]) == 0:
            # No resample differs then; the exact interval of a binomial share says what is known.
            bound = float((1 - CONFIDENCE) ** (1 / len(terms[name])))
            found[name] = Interval(bound, 1.0) if terms[name][0] else Interval(0.0, 1 - bound)
    return found


def is_hit_or_miss(metric: str, terms: Mapping[str, np.ndarray]) -> bool:
    """Whether a metric is the share of examples that are right: its term is 1 or 0 for each."""
    is_share = metric in terms and outputs.metric(metric).is_share
    return is_share and bool(np.isin(terms[metric], (0, 1)).all())


def difference(
    first: Mapping[str, np.ndarray],
    second: Mapping[str, np.ndarray],
    metrics: Metrics,
    metric: str,
    block: int = 1,
    num_resamples: int = NUM_RESAMPLES,
) -> Difference:
    """The difference of two models' figures, by the same resamples of the same examples.

    Args:
        first, second: terms of their answers to the same examples in the same order.
        metrics: `from_means` of the output.
        metric: name of the figure.
        block, num_resamples: see `means`.
    """
    both = {f"0 {name}": values for name, values in first.items()}
    both |= {f"1 {name}": values for name, values in second.items()}
    averaged = {name: np.mean(values, axis=0, dtype=np.float64) for name, values in both.items()}
    value = float(_difference(averaged, metrics, metric))
    drawn = _difference(means(both, block, num_resamples), metrics, metric)
    drawn = drawn[np.isfinite(drawn)] if np.isfinite(drawn).any() else np.zeros(1)
    # One more than was seen: no number of resamples shows that chance is impossible.
    tail = min((drawn <= 0).sum(), (drawn >= 0).sum()) + 1
    p = min(2 * tail / (len(drawn) + 1), 1.0)
    return Difference(0.0 if math.isnan(value) else value, _interval(drawn), float(p))


def _difference(found: Mapping[str, Any], metrics: Metrics, metric: str) -> np.ndarray:
    values = [
        metrics(
            {
                name.removeprefix(prefix): value
                for name, value in found.items()
                if name.startswith(prefix)
            }
        )[metric]
        for prefix in ("0 ", "1 ")
    ]
    return np.asarray(values[0]) - np.asarray(values[1])


def _interval(values: np.ndarray) -> Interval:
    outside = (1 - CONFIDENCE) / 2
    low, high = np.quantile(values, [outside, 1 - outside])
    return Interval(float(low), float(high))
