"""Occlusion: what the answer is without some part (Zeiler and Fergus, 2014, section 4.2).

Needs nothing but answers, and so works with every artifact.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from dlcli.explanation.attribution import Attribution, Explained
from dlcli.explanation.subject import Subject
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


def attribution(
    subject: Subject,
    explained: Explained,
    example: Examples,
    variants: Sequence[Examples],
    reference: str,
) -> Attribution:
    """What each variant of an example costs, see `effects`; `reference` says what they are."""
    score, values = effects(
        subject.predictor.predict_batch,
        lambda answers: subject.value(answers, explained),
        example,
        variants,
    )
    unit = subject.unit(explained, of_score=False)
    return Attribution("occlusion", values, unit, reference=reference, score=score)


def by_window(
    subject: Subject,
    explained: Explained,
    example: np.ndarray,
    windows: Sequence[tuple[Any, Any]],
    cover: Callable[[tuple[Any, Any]], Any],
    reference: str,
) -> Attribution:
    """What each place of an example counts: the mean over the windows that it is in.

    Args:
        example: (1, height, width, channels) of an image, or (1, steps, channels) of a series.
        windows: indices of two axes.
        cover: what stands in a window instead.
        reference: says what that is.
    """
    variants = []
    for window in windows:
        covered = example.copy()
        covered[0][window] = cover(window)
        variants.append(covered)
    found = attribution(subject, explained, example, variants, reference)
    total, times = np.zeros(example.shape[1:3]), np.zeros(example.shape[1:3])
    for window, effect in zip(windows, found.values, strict=True):
        total[window] += effect
        times[window] += 1
    return replace(found, values=total / np.maximum(times, 1))


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
