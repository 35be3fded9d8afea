"""Whether one model is better than another on the same examples, or whether that may be chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dlcli.evaluation import bootstrap
from dlcli.evaluation.bootstrap import Interval
from dlcli.evaluation.protocols import Evaluation

LEVEL = 0.05  # a difference whose p is smaller is taken for more than chance

Terms = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Test:
    """A paired test.

    Args:
        difference: of the metric, the second less the first.
        p: how often a difference as large would come about by chance, two-sided.
        method: "McNemar" or "bootstrap".
        only_first, only_second: answers that only one of them has right; None of a bootstrap.
    """

    difference: float
    interval: Interval
    p: float
    method: str
    only_first: int | None = None
    only_second: int | None = None
    block: int = 1


def run(
    first: Sequence[Terms], second: Sequence[Terms], module: Evaluation, metric: str, block: int = 1
) -> Test:
    """Test two models, each trained once or with several seeds.

    Two trainings of a classifier are tested by McNemar's exact test (Q. McNemar, 1947): of the
    answers that only one of them has right, as many should be the one's as the other's. All else
    by the paired bootstrap, over several seeds of their mean.

    Args:
        first, second: terms of the answers of each training, to the same examples in one order.
        block: see `dlcli.evaluation.bootstrap.block_length`.
    """
    averaged = [_averaged(each) for each in (first, second)]
    found = bootstrap.difference(averaged[1], averaged[0], module.from_means, metric, block)
    right = [each[metric] == 1 for each in averaged if bootstrap.is_hit_or_miss(metric, each)]
    if len(right) < 2 or block > 1 or len(first) > 1 or len(second) > 1:
        return Test(found.value, found.interval, found.p, "bootstrap", block=block)
    from scipy import stats

    only_first = int((right[0] & ~right[1]).sum())
    only_second = int((right[1] & ~right[0]).sum())
    discordant = only_first + only_second
    p = float(stats.binomtest(only_second, discordant).pvalue) if discordant else 1.0
    return Test(found.value, found.interval, p, "McNemar", only_first, only_second)


def holm(values: Sequence[float]) -> list[float]:
    """Raise each p of several tests so that all together err as seldom as one (S. Holm, 1979)."""
    found, largest = [1.0] * len(values), 0.0
    for rank, place in enumerate(np.argsort(values, kind="stable").tolist()):
        largest = max(largest, min((len(values) - rank) * values[place], 1.0))
        found[place] = largest
    return found


def _averaged(trainings: Sequence[Terms]) -> dict[str, np.ndarray]:
    return {
        name: np.asarray(np.mean([each[name] for each in trainings], axis=0, dtype=np.float64))
        for name in trainings[0]
    }
