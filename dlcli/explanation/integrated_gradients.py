"""Integrated gradients (Sundararajan et al., 2017, "Axiomatic attribution for deep networks").

The gradient is followed along the straight line from a reference to the input, and what it adds
up to is shared among the places. Completeness: all shares together are the difference of the two
scores. As the integral is a sum in practice, something is missing of it: the gap, which is given
with every result.

Points that are fixed beforehand, as in the paper, miss where a score jumps, and recurrent networks
have such places. But what each piece of the line must add up to is known: the difference of the
scores at its ends. Pieces that miss it are halved.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from dlcli.explanation.attribution import Attribution, Explained
from dlcli.explanation.subject import Subject

# Points (batch, ...) -> scores (batch,) and their gradients (batch, ...).
Gradient = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]

TOLERANCE = 0.01
"""Share of the difference that all pieces together may miss."""

_PIECES, _MOST_POINTS = 4, 600
_POINTS_A_BATCH = 32
# Within a piece the points and weights of Gauss and Legendre.
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(4)


@dataclass(frozen=True)
class Integral:
    """What integrated gradients give.

    Args:
        values: float64, of the shape of the input.
        score, reference_score: of the input and of the reference.
        gap: the sum of the values less the difference of the scores.
    """

    values: np.ndarray
    score: float
    reference_score: float
    gap: float
    num_points: int


def integrate(gradient: Gradient, example: np.ndarray, reference: np.ndarray) -> Integral:
    """Attribute the difference of two scores to the places of an input.

    Args:
        example: float (...).
        reference: of the same shape. Where both are NaN, the value is 0.
    """
    way = example.astype(np.float64) - reference
    num_points = 0

    def at(shares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Scores (count,) and gradients (count, ...) at shares of the way."""
        nonlocal num_points
        num_points += len(shares)
        found = []
        for start in range(0, len(shares), _POINTS_A_BATCH):
            part = shares[start : start + _POINTS_A_BATCH].reshape(-1, *[1] * way.ndim)
            found.append(gradient((reference + part * way).astype(np.float32)))
        scores, gradients = zip(*found, strict=True)
        return np.concatenate(scores).astype(np.float64), np.concatenate(gradients)

    borders = np.linspace(0, 1, _PIECES + 1)
    scores, _ = at(borders)
    difference = float(scores[-1] - scores[0])
    # Where the score goes up and down again, the difference alone would ask for too much.
    bearable = TOLERANCE / _PIECES * max(abs(difference), 0.1 * float(np.ptp(scores)))
    pieces = list(zip(borders[:-1], borders[1:], scores[:-1], scores[1:], strict=True))
    values = np.zeros(way.shape)
    while pieces:
        middles = np.array([(begin + end) / 2 for begin, end, _, _ in pieces])
        halves = np.array([(end - begin) / 2 for begin, end, _, _ in pieces])
        _, gradients = at((middles[:, None] + halves[:, None] * _NODES).reshape(-1))
        gradients = gradients.reshape(len(pieces), len(_NODES), *way.shape)
        # (pieces, ...), from a gradient at each node
        means = np.tensordot(_WEIGHTS, gradients.astype(np.float64), axes=(0, 1))
        shares = means * halves.reshape(-1, *[1] * way.ndim) * way
        sums = np.nan_to_num(shares).reshape(len(pieces), -1).sum(axis=1)
        rises = np.array([after - before for _, _, before, after in pieces])
        is_final = (np.abs(sums - rises) <= bearable) | (num_points >= _MOST_POINTS)
        values += np.nan_to_num(shares[is_final]).sum(axis=0)
        pieces = [piece for piece, final in zip(pieces, is_final, strict=True) if not final]
        if pieces:
            cuts, _ = at(middles[~is_final])
            pieces = [
                half
                for (begin, end, before, after), cut, between in zip(
                    pieces, middles[~is_final], cuts, strict=True
                )
                for half in ((begin, cut, before, between), (cut, end, between, after))
            ]
    gap = float(values.sum()) - difference
    return Integral(values, float(scores[-1]), float(scores[0]), gap, num_points)


def attribution(
    subject: Subject,
    explained: Explained,
    numbers: np.ndarray,
    references: Sequence[np.ndarray],
    named: str,
) -> Attribution:
    """Integrated gradients from references to an input, the mean over the references.

    Args:
        numbers: the example as the core takes it, (1, ...).
        references: each as the points of `Network`, (...).

    Returns:
        Values of the shape of the points.
    """
    network = subject.network
    (points,) = network.points(numbers)

    def gradient(batch: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return network.gradient(numbers, batch, explained.index)

    parts = [integrate(gradient, points, reference) for reference in references]
    return Attribution(
        "integrated-gradients",
        np.mean([part.values for part in parts], axis=0),
        subject.unit(explained),
        reference=named,
        score=parts[0].score,
        reference_score=float(np.mean([part.reference_score for part in parts])),
        gap=float(np.mean([part.gap for part in parts])),
        num_points=sum(part.num_points for part in parts),
    )
