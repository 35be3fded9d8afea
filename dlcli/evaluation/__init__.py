"""Evaluation: how good answers are, against the truth and against simple models.

One file a kind of answer: `METRIC`, what such a model is compared by; `measure`, what is
known of answers and their true values; `draw`, the plots that show it. Where answers are too
large to be held for a whole split, `keep` says what of them the other two need. Where metrics
are made of means over the examples, `terms` gives what of each example is averaged, `from_means`
the metrics of such means, and `stored` the answers as a run keeps them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcli import kinds, outputs

# Values of one array of answers that a run keeps whole; 4 MB of float32.
MAX_STORED = 1_000_000


def of(task: str) -> Any:
    """The module that measures and draws the answers of a task."""
    return outputs.module("evaluation", kinds.output_of(task))


def written(task: str, metadata: dict[str, Any]) -> list[str]:
    """What the plots of a task write besides English."""
    if kinds.output_of(task).name == "next_token":
        return []
    return [*metadata["class_names"], metadata["target"]]


def kept(task: str, answers: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """What `measure` and `draw` take of the answers to some examples with these targets."""
    module = of(task)
    if not hasattr(module, "keep"):
        return answers
    chosen: np.ndarray = module.keep(answers, targets)
    return chosen
