"""Proof that an artifact answers as the model does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from dlcli import evaluation
from dlcli.data import Split
from dlcli.inputs import examples
from dlcli.metric_names import is_share

NUM_EXAMPLES = 512
_NUM_SEQUENCES = 64
TOLERANCE = 1e-5  # times the larger of 1 and the largest absolute output
LARGEST_DROP = 0.5  # points of a share, or per cent of an error
_SPREAD = 1e-4  # of a quantized artifact from itself: kernels of other batch sizes round otherwise
_NUM_EXTREMES = 8


@dataclass(frozen=True)
class Parity:
    """How an artifact's answers compare with the model's.

    Args:
        examples: how many real examples were compared.
        max_difference: largest absolute difference of any output.
        tolerance: the largest that is allowed; None where the metric decides.
        metric: what models of this task are compared by, such as "accuracy".
        before, after: its value for the model and for the artifact on these examples.
        drop: how much worse the artifact is: of a share, points; of an error, per cent.
        largest_drop: the largest that is allowed; None where the difference decides.
        spread: largest difference between the artifact's own answers for one example, in
            other orders and batch sizes.
        largest_spread: the largest that is allowed, where the metric decides.
    """

    examples: int
    max_difference: float
    tolerance: float | None
    metric: str
    before: float
    after: float
    drop: float = 0.0
    largest_drop: float | None = None
    spread: float = 0.0
    largest_spread: float = float("inf")

    @property
    def holds(self) -> bool:
        """Whether the artifact gives the same answer."""
        # Each comparison is false for NaN.
        if self.largest_drop is not None:
            is_near = self.drop <= self.largest_drop and np.isfinite(self.max_difference)
            return bool(is_near and self.spread <= self.largest_spread)
        return self.tolerance is not None and self.max_difference <= self.tolerance

    @property
    def unit(self) -> str:
        """What the drop is counted in."""
        return "points" if is_share(self.metric) else "%"


def positions(split: Split) -> np.ndarray:
    """The examples to compare: int64 (num_examples,), spread over the split.

    Of examples that have a length the shortest and the longest are among them, in turn and
    first: a state that leaks from call to call would show.
    """
    every_step = len(split.targets.shape) == 2 and split.targets.shape[1] > 1
    # An example with an answer at every step is many; those to large alphabets fill the memory.
    count = min(_NUM_SEQUENCES if every_step else NUM_EXAMPLES, len(split))
    chosen = examples.spread(len(split), count)
    lengths = _lengths(split)
    if lengths is None:
        return chosen
    order = np.argsort(lengths, kind="stable")
    number = min(_NUM_EXTREMES, count // 2)
    extremes = np.stack([order[:number], order[::-1][:number]], axis=1).ravel()
    rest = chosen[~np.isin(chosen, extremes)]
    return np.concatenate([extremes, rest])[:count]


def compare(
    expected: np.ndarray,
    answers: Mapping[str, np.ndarray],
    targets: np.ndarray,
    metadata: Mapping[str, Any],
    *,
    tolerance: float = TOLERANCE,
    largest_drop: float | None = None,
) -> Parity:
    """Compare an artifact's answers with the model's.

    Args:
        expected: the model's, float (num_examples, ...).
        answers: the artifact's, as `checker` gives them.
        targets: true values, (num_examples, ...).
        metadata: the model's.
        tolerance: as `TOLERANCE`.
        largest_drop: of the metric; with it, the difference may be any.
    """
    forward = answers["forward"]
    if forward.shape != expected.shape:
        shapes = f"{forward.shape[1:]}, the model {expected.shape[1:]}"
        raise ValueError(f"the artifact gives answers of shape {shapes}.")
    # Each single example was answered twice.
    single = np.arange(len(answers["singles"])) // 2
    difference = max(
        _largest(forward - expected),
        _largest(answers["backward"] - expected),
        _largest(answers["singles"] - expected[single]),
    )
    spread = max(
        _largest(answers["backward"] - forward), _largest(answers["singles"] - forward[single])
    )
    task = metadata["task"]
    module = evaluation.of(task)
    before, after = (
        module.measure(evaluation.kept(task, each, targets), targets, metadata)[module.METRIC]
        for each in (expected, forward)
    )
    scale = max(1.0, _largest(expected))
    by_metric = largest_drop is not None
    return Parity(
        examples=len(expected),
        max_difference=difference,
        tolerance=None if by_metric else tolerance * scale,
        metric=module.METRIC,
        before=before,
        after=after,
        drop=_drop(module.METRIC, before, after),
        largest_drop=largest_drop,
        spread=spread,
        largest_spread=_SPREAD * scale if by_metric else float("inf"),
    )


def _lengths(split: Split) -> np.ndarray | None:
    """How long each example is, (num_examples,); None where all are alike."""
    if isinstance(split.inputs, dict):
        return None
    dtype, shape = split.inputs.dtype, split.inputs.shape
    if dtype.kind == "O":
        return np.array([len(text) for text in split.inputs[split.rows]])
    if dtype.kind == "f" and len(shape) == 3:  # NaN follows the end of a series
        return np.array([(~np.isnan(split.inputs[[row]])).any(axis=2).sum() for row in split.rows])
    return None


def _largest(values: np.ndarray) -> float:
    return float(np.abs(values).max(initial=0.0))


def _drop(metric: str, before: float, after: float) -> float:
    """How much worse `after` is: points of a share, or per cent of an error or a loss."""
    if is_share(metric):
        return 100 * (before - after)
    if before == after:
        return 0.0
    return 100 * (after - before) / abs(before) if before else float("inf")
