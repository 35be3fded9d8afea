"""Whether an explanation depends on what was learned.

The test by random parameters of Adebayo et al., 2018, "Sanity checks for saliency maps": the
weights of the network are shuffled, and the same inputs are explained again. An explanation that
looks the same then says something of the input alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

BOUND = 0.7
"""Mean absolute rank correlation from which on an explanation does not pass: half of its variance
is then that of a network which has learned nothing."""

DRAWS = 4

_FEWEST_VALUES = 6  # below, chance alone gives large correlations
_DEAD = 1e-6  # of the original's range: an explanation that varies less comes from a dead network
_MAX_ATTEMPTS = 5  # shuffles per draw, until one leaves the network alive

Verdict = Literal["depends on the weights", "does not depend on the weights", "not checked"]


@dataclass(frozen=True)
class Check:
    """How alike the explanations of the network and of shuffled ones are.

    Args:
        method: that was checked.
        rank_correlation: Spearman's, its magnitude in the mean over inputs and draws; None where
            nothing was compared.
        num_inputs, num_draws: what the mean is over; draws that left the network dead do not count.
        verdict: whether the correlation is below `BOUND`.
        reason: why nothing was compared, or "".
    """

    method: str
    rank_correlation: float | None
    num_inputs: int
    num_draws: int
    verdict: Verdict
    reason: str = ""


def check(
    method: str,
    explain: Callable[[int], np.ndarray],
    originals: Sequence[np.ndarray],
    core: Any,
    draws: int,
    seed: int = 0,
) -> Check:
    """Compare explanations with those of the same network with shuffled weights.

    Args:
        explain: the values of one input, by its number, with the weights of the moment.
        originals: the values of each input with the weights that were learned.
        core: the Keras model whose weights are shuffled, and put back.
        draws: how often they are shuffled, such as `DRAWS`. A shuffle that leaves the network dead
            (its explanations do not vary, such as behind units that are always zero) proves
            nothing and is drawn again, at most `_MAX_ATTEMPTS` times as often.
        seed: of the shuffles.
    """
    fit = [
        number
        for number, values in enumerate(originals)
        if values.size >= _FEWEST_VALUES and np.ptp(values) > 0
    ]
    if not fit:
        reason = f"there are fewer than {_FEWEST_VALUES} different values to compare"
        return Check(method, None, 0, 0, "not checked", reason)
    generator = np.random.default_rng(seed)
    correlations: list[float] = []
    num_alive = 0
    for _ in range(_MAX_ATTEMPTS * draws):
        with shuffled(core, generator):
            pairs = [(originals[number], explain(number)) for number in fit]
        alive = [pair for pair in pairs if np.ptp(pair[1]) > _DEAD * np.ptp(pair[0])]
        correlations += [abs(rank_correlation(*pair)) for pair in alive]
        num_alive += bool(alive)
        if num_alive == draws:
            break
    if not correlations:
        reason = "every shuffle of the weights leaves a network that gives one answer to all inputs"
        return Check(method, None, 0, 0, "not checked", reason)
    mean = float(np.mean(correlations))
    verdict: Verdict = (
        "depends on the weights" if mean < BOUND else "does not depend on the weights"
    )
    return Check(method, mean, len(fit), num_alive, verdict)


@contextmanager
def shuffled(core: Any, generator: np.random.Generator) -> Iterator[None]:
    """A network whose weights stand in another order, array by array, for a while.

    The values of each array stay what they are, so that nothing grows or dies: variances stay
    above 0, and activations about as large.
    """
    learned = core.get_weights()
    try:
        core.set_weights(
            [generator.permutation(values.reshape(-1)).reshape(values.shape) for values in learned]
        )
        yield
    finally:
        core.set_weights(learned)


def rank_correlation(first: np.ndarray, second: np.ndarray) -> float:
    """Spearman's correlation of two arrays of equal shape; 0 where one of them does not vary."""
    ranks = [_ranks(values.reshape(-1)) for values in (first, second)]
    centred = [values - values.mean() for values in ranks]
    norms = [float(np.sqrt(np.square(values).sum())) for values in centred]
    if not norms[0] or not norms[1]:
        return 0.0
    return float((centred[0] * centred[1]).sum() / (norms[0] * norms[1]))


def _ranks(values: np.ndarray) -> np.ndarray:
    """The rank of each value; equal ones share the mean of theirs."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    mean = last - (counts - 1) / 2
    ranks: np.ndarray = mean[places.reshape(-1)]
    return ranks
