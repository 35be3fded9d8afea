"""Evaluation: how good answers are, against the truth and against simple models.

One file a kind of answer: `METRIC`, what such a model is compared by; `measure`, what is
known of answers and their true values; `draw`, the plots that show it.
"""

from __future__ import annotations

import importlib
from typing import Any

from dlcli import sections


def of(task: str) -> Any:
    """The module that measures and draws the answers of a task."""
    return importlib.import_module(f"dlcli.evaluation.{sections.answer_of(task)}")
