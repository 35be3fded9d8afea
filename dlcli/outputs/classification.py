"""One class of several, as a probability of each."""

from __future__ import annotations

from dlcli.outputs.output import LOSS, PER_CLASS, Metric, Output

ACCURACY = Metric("accuracy", higher_is_better=True, is_share=True)

OUTPUT = Output(
    "classification",
    metrics=(ACCURACY, LOSS, *PER_CLASS),
    # Of few examples, accuracy is a coarse figure that is often at its best by chance.
    chooses_epoch="loss",
    has_classes=True,
    has_labels=True,
    tensor="probabilities",
    names_class=True,
)
