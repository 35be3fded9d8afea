"""Proof that an artifact answers as the model does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from dlcli import evaluation, kinds, outputs
from dlcli.data import Split
from dlcli.evaluation import paired
from dlcli.inputs import affine, examples
from dlcli.metric_names import figure
from dlcli.outputs import Output

if TYPE_CHECKING:
    from dlcli.prediction import protocols

NUM_EXAMPLES = 512
_NUM_SEQUENCES = 64
TOLERANCE = 1e-5  # times the larger of 1 and the largest absolute output
LARGEST_DROP = 0.5  # points of a share, or per cent of an error
# Per cent of the predictions that a quantized artifact may change, at that drop: float16 rounds
# weights by 0.05 %, int8 by 0.4 % of their range.
LARGEST_CHANGE = {"float16": 1.0, "dynamic": 5.0, "int8": 5.0}
_CLEAR = 0.05  # a p below it: more than examples drawn by chance would show
_SPREAD = 1e-4  # of a quantized artifact from itself: kernels of other batch sizes round otherwise
_NUM_EXTREMES = 8


@dataclass(frozen=True)
class Parity:
    """How an artifact's answers compare with the model's.

    Args:
        examples: how many real examples were compared.
        max_difference: largest absolute difference of any output, as the file itself answers.
        tolerance: the largest that is allowed; None where the metric decides.
        metric: what models of this task are compared by, such as "accuracy".
        before, after: its value for the model and for the artifact on these examples.
        drop: how much worse the artifact is: of a share, points; of an error, per cent.
        drop_p: how often a drop as large would come about by chance, of a paired test over these
            examples; None where the difference decides or nothing can be tested.
        largest_drop: the largest that is allowed; None where the difference decides.
        changed: per cent of the predictions that differ: of classes, another class; of numbers
            and forecasts, by more than half of the model's own error (its RMSE).
        largest_change: the largest that is allowed, where the metric decides.
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
    drop_p: float | None = None
    largest_drop: float | None = None
    changed: float = 0.0
    largest_change: float = float("inf")
    spread: float = 0.0
    largest_spread: float = float("inf")

    @property
    def holds(self) -> bool:
        """Whether the artifact gives the same answer."""
        # Each comparison is false for NaN.
        if self.largest_drop is None:
            return self.tolerance is not None and self.max_difference <= self.tolerance
        is_near = np.isfinite(self.max_difference) and self.spread <= self.largest_spread
        return bool(is_near and self.drop_holds and self.change_holds)

    @property
    def drop_holds(self) -> bool:
        """Whether the metric drops by no more than is allowed, or than chance would show."""
        if self.largest_drop is None or self.drop <= self.largest_drop:
            return True
        return self.drop_p is not None and self.drop_p >= _CLEAR

    @property
    def change_holds(self) -> bool:
        """Whether no more predictions change than is allowed, or than chance would show."""
        if self.changed <= self.largest_change:
            return True
        from scipy import stats

        count = round(self.examples * self.changed / 100)
        share = min(self.largest_change / 100, 1.0)
        return bool(stats.binomtest(count, self.examples, share, "greater").pvalue >= _CLEAR)

    @property
    def metrics(self) -> str:
        """The metric before and after, in words."""
        return f"{self.metric} {figure(self.before)} -> {figure(self.after)}"

    @property
    def unit(self) -> str:
        """What the drop is counted in."""
        return "points" if outputs.metric(self.metric).is_share else "%"


def positions(split: Split, output: Output) -> np.ndarray:
    """The examples to compare: int64 (num_examples,), spread over the split.

    Of examples that have a length the shortest and the longest are among them, in turn and
    first: a state that leaks from call to call would show.

    Args:
        split: where they are from.
        output: what is predicted of them.
    """
    every_step = output.continues_text and split.targets.shape[1:] > (1,)
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
    quantize: str = "none",
    largest_drop: float = LARGEST_DROP,
) -> Parity:
    """Compare an artifact's answers with the model's.

    Args:
        expected: the model's, float (num_examples, ...).
        answers: the artifact's, as `checker` gives them.
        targets: true values, (num_examples, ...).
        tolerance: as `TOLERANCE`, of float32 artifacts.
        quantize: how the artifact is quantized. If it is, the metric and the predictions are
            compared, and outputs may differ.
        largest_drop: as `LARGEST_DROP`, of quantized ones; `LARGEST_CHANGE` grows with it.
    """
    forward = answers["forward"]
    if forward.shape != expected.shape:
        shapes = f"{forward.shape[1:]}, the model {expected.shape[1:]}"
        raise ValueError(f"the artifact gives answers of shape {shapes}.")
    # Each single example was answered twice.
    single = np.arange(len(answers["singles"])) // 2
    affines = affine.from_metadata(metadata)
    # As the files themselves answer: what stands behind an offset would seem equal.
    own = {name: affines.targets(each) for name, each in answers.items()}
    model, forth = affines.targets(expected), own["forward"]
    difference = max(
        _largest(forth - model),
        _largest(own["backward"] - model),
        _largest(own["singles"] - model[single]),
    )
    spread = max(_largest(own["backward"] - forth), _largest(own["singles"] - forth[single]))
    task = metadata["task"]
    output = kinds.output_of(task)
    module, metric = evaluation.of(task), output.monitor.name
    kept = [evaluation.kept(task, each, targets) for each in (expected, forward)]
    before, after = (module.measure(each, targets, metadata)[metric] for each in kept)
    scale = max(min(1.0, _spread(targets, metadata)), _largest(model))
    found = Parity(
        examples=len(expected),
        max_difference=difference,
        tolerance=tolerance * scale,
        metric=metric,
        before=before,
        after=after,
        drop=_drop(metric, before, after),
        spread=spread,
    )
    if quantize == "none":
        return found
    drop_p, changed = None, 0.0
    if output.per_example and np.isfinite(forward).all():
        first, second = (module.terms(each, targets, metadata) for each in kept)
        drop_p = paired.run([first], [second], module, metric).p
        said: protocols.StepPredictions = outputs.module("prediction", output)
        changed = 100 * said.changed(expected, forward, targets, metadata)
    return replace(
        found,
        tolerance=None,
        drop_p=drop_p,
        largest_drop=largest_drop,
        changed=changed,
        largest_change=LARGEST_CHANGE[quantize] * largest_drop / LARGEST_DROP,
        largest_spread=_SPREAD * scale,
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


def _spread(targets: np.ndarray, metadata: Mapping[str, Any]) -> float:
    """How far targets in units of their own differ; of one that varies not and of all others, 1."""
    if not kinds.output_of(metadata["task"]).has_units:
        return 1.0
    numbers = affine.from_metadata(metadata).targets(targets).astype(np.float64)
    known = numbers[~np.isnan(numbers)]
    return (float(np.abs(known - known.mean()).max()) if len(known) else 0.0) or 1.0


def _largest(values: np.ndarray) -> float:
    return float(np.abs(values).max(initial=0.0))


def _drop(metric: str, before: float, after: float) -> float:
    """How much worse `after` is: points of a share, or per cent of an error or a loss."""
    described = outputs.metric(metric)
    worse = before - after if described.higher_is_better else after - before
    if described.is_share:
        return 100 * worse
    if worse == 0:
        return 0.0
    return 100 * worse / abs(before) if before else float("inf")
