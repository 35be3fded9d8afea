"""Rows that are unlike those that a model was trained on: new categories, numbers far outside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from dlcli.events import Events, Warned
from dlcli.inputs.columns import Column

_MARGIN = 1.0  # ranges of the train split beyond its ends that a number may lie without a word
_DEVIATIONS = 3.0  # of the number of unknown values, from what the train split has


class Unfamiliar:
    """Counts, of rows that come in any number of parts, what is unlike the train split.

    Args:
        columns: that the model reads; what is not known of one is not asked.
    """

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = columns
        self._num_rows = 0
        self._present: Counter[str] = Counter()
        self._unknown: Counter[str] = Counter()
        self._outside: Counter[str] = Counter()
        self._examples: dict[str, str] = {}

    def add(self, examples: Mapping[str, np.ndarray]) -> None:
        """Count raw examples, arrays (batch,) by the keys of the columns."""
        for column in self._columns:
            values = examples[column.key]
            if column.kind == "category":
                present = values[values != ""]
                unfit = present[~np.isin(present.astype(str), column.categories)]
                self._present[column.name] += len(present)
                self._unknown[column.name] += len(unfit)
            elif column.minimum is None or column.maximum is None:
                continue
            else:
                margin = _MARGIN * (column.maximum - column.minimum)
                low, high = column.minimum - margin, column.maximum + margin
                unfit = values[(values < low) | (values > high)]
                self._outside[column.name] += len(unfit)
            if len(unfit):
                self._examples.setdefault(column.name, str(unfit[0]))
        self._num_rows += len(values)

    def pass_on(self, events: Events) -> None:
        """Say what is unlike, in a sentence a column."""
        for column in self._columns:
            name, example = column.name, self._examples.get(column.name, "")
            if self._is_new(column):
                note = (
                    f"{self._unknown[name]:,} of {self._present[name]:,} values of '{name}' are "
                    f"categories that the model does not know, such as '{example}'; it takes "
                    "them all for one."
                )
                events(Warned(note))
            if self._outside[name]:
                note = (
                    f"{self._outside[name]:,} of {self._num_rows:,} values of '{name}' are far "
                    f"outside those of the training, {column.minimum:.6g} to "
                    f"{column.maximum:.6g}, such as {float(example):.6g}."
                )
                events(Warned(note))

    def _is_new(self, column: Column) -> bool:
        """Whether more values are unknown than in a part of the train split."""
        present = self._present[column.name]
        expected = (1 - column.known) * present
        unknown = self._unknown[column.name]
        return bool(unknown) and unknown > expected + _DEVIATIONS * np.sqrt(expected)
