"""Proof that an artifact answers as the model does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dlcli import evaluation
from dlcli.artifacts import Predictor
from dlcli.data import Split
from dlcli.inputs.examples import Examples, size, take

NUM_EXAMPLES = 512
TOLERANCE = 1e-5  # times the larger of 1 and the largest absolute output
_BATCH_SIZE = 64
_NUM_SINGLE = 32


@dataclass(frozen=True)
class Parity:
    """How an artifact's answers compare with the model's.

    Args:
        examples: how many real examples were compared.
        max_difference: largest absolute difference of any output.
        tolerance: the largest that is allowed.
        metric: what models of this task are compared by, such as "accuracy".
        before, after: its value for the model and for the artifact on these examples.
    """

    examples: int
    max_difference: float
    tolerance: float
    metric: str
    before: float
    after: float

    @property
    def holds(self) -> bool:
        """Whether the artifact gives the same answer."""
        return self.max_difference <= self.tolerance  # false for NaN too


def compare(
    model: Predictor, artifact: Predictor, split: Split, tolerance: float = TOLERANCE
) -> Parity:
    """Compare an artifact with the model on examples spread over a split.

    The artifact answers in batches, in batches in the reverse order, and one
    by one, each single example twice: state that leaks from call to call
    would show.

    Args:
        model: the reference.
        artifact: loaded by its own runtime.
        split: real examples; at most `NUM_EXAMPLES` are used.
        tolerance: as `TOLERANCE`.
    """
    count = min(NUM_EXAMPLES, len(split))
    raw, targets = split.gather(np.linspace(0, len(split) - 1, count).round().astype(np.int64))
    expected = _in_batches(model, raw)
    forward = _in_batches(artifact, raw)
    backward = _in_batches(artifact, take(raw, slice(None, None, -1)))[::-1]
    singles = np.arange(min(_NUM_SINGLE, count)).repeat(2)
    one_by_one = np.concatenate(
        [artifact.predict_batch(take(raw, slice(i, i + 1))) for i in singles]
    )
    differences = (forward - expected, backward - expected, one_by_one - expected[singles])
    module = evaluation.of(model.metadata["task"])
    task = model.metadata["task"]
    before, after = (
        module.measure(evaluation.kept(task, answers, targets), targets, model.metadata)[
            module.METRIC
        ]
        for answers in (expected, forward)
    )
    return Parity(
        examples=count,
        max_difference=float(max(np.abs(difference).max() for difference in differences)),
        tolerance=tolerance * max(1.0, float(np.abs(expected).max())),
        metric=module.METRIC,
        before=before,
        after=after,
    )


def _in_batches(predictor: Predictor, raw: Examples) -> np.ndarray:
    starts = range(0, size(raw), _BATCH_SIZE)
    return np.concatenate(
        [predictor.predict_batch(take(raw, slice(i, i + _BATCH_SIZE))) for i in starts]
    )
