"""Descriptors of what a model answers and of the metrics it is judged by."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Metric:
    """A figure that says how good answers are.

    Args:
        name: as in `metrics.json`, such as "rmse".
        title: as a heading, such as "RMSE"; made of the name where it is "".
        higher_is_better: direction.
        is_share: whether it is a share from 0 to 1, written in per cent.
        is_scaled: whether it is computed on standard scores, so that values as small as the
            rounding of float32 are equal.
    """

    name: str
    title: str = ""
    higher_is_better: bool = False
    is_share: bool = False
    is_scaled: bool = False

    @property
    def heading(self) -> str:
        """The metric as a heading: "Mean absolute error", "RMSE"."""
        words = self.name.replace("_", " ")
        return self.title or words[:1].upper() + words[1:]


LOSS = Metric("loss")


@dataclass(frozen=True)
class Output:
    """A type of output: what a model answers, whatever kind of data it takes.

    Whatever depends on it is one file of its name in a package: `dlcli.tasks.regression` has its
    head and loss, `dlcli.evaluation.regression` measures it.

    Args:
        name: of the descriptor's file, such as "classification".
        metrics: all that evaluation and training measure; the first is the one that results are
            judged and compared by.
        chooses_epoch: name of the validation metric that chooses the epoch to keep, unless a
            recipe says otherwise.
        has_classes: whether predictions are probabilities of named classes.
    """

    name: str
    metrics: tuple[Metric, ...]
    chooses_epoch: str
    has_classes: bool = False

    @property
    def monitor(self) -> Metric:
        """The metric that results are judged by."""
        return self.metrics[0]
