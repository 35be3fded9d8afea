"""Any number of classes for each example, as a probability of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dlcli.json_checks import MISSING, NUMBER, list_of, within
from dlcli.outputs.output import LOSS, PER_CLASS, Metric, Output


def _check(document: Mapping[str, Any]) -> None:
    """See that each class has the threshold from which on its probability assigns it."""
    thresholds = list_of(NUMBER, len(document["class_names"]))
    within("thresholds", document.get("thresholds", MISSING), thresholds)


OUTPUT = Output(
    "multilabel",
    metrics=(
        Metric("macro_f1", "macro F1", higher_is_better=True, is_share=True),
        Metric("micro_f1", "micro F1", higher_is_better=True, is_share=True),
        Metric("mean_average_precision", "mAP", higher_is_better=True, is_share=True),
        Metric("exact_match", higher_is_better=True, is_share=True),
        LOSS,
        *PER_CLASS,
        Metric("average_precision", "AP", higher_is_better=True, is_share=True),
        Metric("threshold", num_decimals=3),
        Metric("pr_auc", "PR AUC", higher_is_better=True, is_share=True),
    ),
    # As of classification, and it does not depend on thresholds, which are chosen after training.
    chooses_epoch="loss",
    has_classes=True,
    has_several_classes=True,
    has_labels=True,
    check_metadata=_check,
    tensor="probabilities",
)
