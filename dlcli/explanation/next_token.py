"""The score of the next token; the mistakes are too many to be shown."""

from __future__ import annotations

from dlcli.explanation.classification import names, score, scored, unit, value

__all__ = ["mistakes", "names", "score", "scored", "unit", "value"]

mistakes = None
