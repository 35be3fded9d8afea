"""Descriptors of a type of model output and of the metrics it is judged by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dlcli.json_checks import anything


@dataclass(frozen=True)
class Metric:
    """A figure that says how good predictions are.

    Args:
        name: as in `metrics.json`, such as "rmse".
        title: as within a sentence, such as "RMSE"; made of the name where it is "".
        higher_is_better: direction.
        is_share: whether it is a share from 0 to 1, written in per cent.
        is_scaled: whether it is computed on standard scores, so that values as small as the
            rounding of float32 are equal.
        num_decimals: how many are always written; None for as many as its size asks for.
    """

    name: str
    title: str = ""
    higher_is_better: bool = False
    is_share: bool = False
    is_scaled: bool = False
    num_decimals: int | None = None

    @property
    def heading(self) -> str:
        """The metric as a heading: "Mean absolute error", "RMSE", "mAP"."""
        words = self.title or self.name.replace("_", " ")
        return words[:1].upper() + words[1:] if words.split()[0].islower() else words


LOSS = Metric("loss")
PER_CLASS = tuple(
    Metric(name, title, higher_is_better=True, is_share=True)
    for name, title in (("precision", ""), ("recall", ""), ("f1", "F1"))
)


@dataclass(frozen=True)
class Output:
    """A type of model output, independent of the kind of input data.

    Whatever depends on it is one file of its name in a package: `dlcli.tasks.regression` has its
    head and loss, `dlcli.evaluation.regression` measures it.

    Args:
        name: of the descriptor's file, such as "classification".
        metrics: all that evaluation and training measure; the first is the one that results are
            judged and compared by.
        chooses_epoch: name of the validation metric that chooses the epoch to keep, unless a
            recipe says otherwise.
        takes_features: whether its head takes the features (batch, features) of any family.
        per_example: whether each prediction is judged by itself, so that metrics are made of means
            over the examples; else all of them are judged together.
        has_classes: whether predictions are probabilities of named classes.
        has_several_classes: whether an example has any number of them, also none, so that its
            labels are read of one cell of a table.
        has_labels: whether truth and prediction of an example are a word or two each, such as a
            class or a number; else they are drawn.
        continues_text: whether a text is continued with it.
        check_metadata: sees that a model's metadata has the further entries without which it
            cannot predict; raises `dlcli.json_checks.Unfit`.
        is_adversarial: whether two networks are trained in turn, which is done on one device.
        generate_options: of `dlcli generate`, as an example; "" where a model predicts.
        tensor: what artifacts with named outputs call it.
        names_class: whether they also name the class with the largest probability.
        has_units: whether it is in the units of its targets, whatever their scale is.
        has_steps: whether there is a prediction for each of several steps that follow an input.
        makes_images: whether it is an image.
    """

    name: str
    metrics: tuple[Metric, ...]
    chooses_epoch: str
    takes_features: bool = True
    per_example: bool = True
    has_classes: bool = False
    has_several_classes: bool = False
    has_labels: bool = False
    continues_text: bool = False
    check_metadata: Callable[[Mapping[str, Any]], None] = anything
    is_adversarial: bool = False
    generate_options: str = ""
    tensor: str = "prediction"
    names_class: bool = False
    has_units: bool = False
    has_steps: bool = False
    makes_images: bool = False

    @property
    def monitor(self) -> Metric:
        """The metric that results are judged by."""
        return self.metrics[0]
