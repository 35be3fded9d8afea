"""The next token of a text, as a probability of each."""

from __future__ import annotations

from dlcli.outputs.classification import ACCURACY
from dlcli.outputs.output import LOSS, Metric, Output

OUTPUT = Output(
    "next_token",
    metrics=(LOSS, ACCURACY, Metric("perplexity")),
    chooses_epoch="loss",
    takes_features=False,
    has_classes=True,
    continues_text=True,
    generate_options="--length 1000",
    tensor="probabilities",
    names_class=True,
)
