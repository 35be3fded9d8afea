"""Occlusion: what the answer is without some part (Zeiler and Fergus, 2014, section 4.2).

Needs nothing but answers, and so works with every artifact.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from dlcli.inputs.examples import Examples, joined

_EXAMPLES_A_BATCH = 64


def effects(
    predict: Callable[[Examples], np.ndarray],
    score: Callable[[np.ndarray], np.ndarray],
    example: Examples,
    variants: Sequence[Examples],
) -> tuple[float, np.ndarray]:
    """How much the score of an example falls with each of its variants.

    Args:
        predict: raw examples to answers.
        score: answers (batch, ...) to what is explained of them, (batch,).
        example: a batch of one.
        variants: batches of one, in each of which some part is covered.

    Returns:
        The score of the example; and score less that of each variant, float64 (num_variants,):
        above 0 where the part counts for it.
    """
    scores = []
    every = [example, *variants]
    for start in range(0, len(every), _EXAMPLES_A_BATCH):
        batch = joined(every[start : start + _EXAMPLES_A_BATCH])
        scores.append(np.asarray(score(np.asarray(predict(batch))), np.float64))
    whole, *covered = np.concatenate(scores)
    return float(whole), whole - np.array(covered)


def windows(length: int, size: int) -> list[tuple[int, int]]:
    """Where windows begin and end that cover a length, each half over the next.

    Args:
        length: of what is covered.
        size: of a window, at least 1.
    """
    size = min(size, length)
    stride = max(1, size // 2)
    starts = [*range(0, length - size, stride), length - size]
    return [(start, start + size) for start in starts]
