"""What an explanation is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dlcli.prediction.protocols import Predicted


@dataclass(frozen=True)
class Attribution:
    """How much each place of one input counts, by one method.

    Args:
        method: such as "integrated-gradients".
        values: float (height, width) of an image, (tokens,) of a text, (steps, channels) of a
            series, (columns,) of a table's row; of attention (steps,).
        unit: what the values are measured in, such as "log-odds of 'cat'".
        signed: whether there are values that count against the answer.
        reference: what the input is compared with, or "".
        score, reference_score: of the input and of the reference in the unit, or None.
        gap: of integrated gradients: what the sum of the values misses of the difference of
            the two scores, None for other methods.
        num_points: of integrated gradients, where a gradient was taken.
        details: further numbers by name.
    """

    method: str
    values: np.ndarray
    unit: str
    signed: bool = True
    reference: str = ""
    score: float | None = None
    reference_score: float | None = None
    gap: float | None = None
    num_points: int | None = None
    details: Mapping[str, np.ndarray] = field(default_factory=dict)

    @property
    def relative_gap(self) -> float | None:
        """The gap as a share of the difference that the values should add up to."""
        if self.gap is None or self.score is None or self.reference_score is None:
            return None
        return abs(self.gap) / max(abs(self.score - self.reference_score), 1e-6)


@dataclass(frozen=True)
class Explained:
    """Which class or target of an answer is explained; its name may be "" in a regression."""

    index: int
    name: str


@dataclass(frozen=True)
class Places:
    """What the values of an attribution stand for.

    Args:
        names: of the last axis: words, columns, channels; none of an image.
        content: what the input holds there: uint8 pixels (height, width, channels), float
            (steps, channels), the cells of a row, or for each word whether the model knows it.
        reference: of a row, the cells that it is compared with.
        ends_now: whether the last step is the last that is known: steps are counted back from it,
            which is 0; else from the first, which is 1.
    """

    names: Sequence[str]
    content: Any
    reference: Sequence[Any] = ()
    ends_now: bool = False

    def first_step(self, num_steps: int) -> int:
        """The number of the first of so many steps."""
        return 1 - num_steps if self.ends_now else 1


@dataclass(frozen=True)
class Explanation:
    """Everything that is said of one input.

    Args:
        explained: which part of the answer, or None with an error.
        answer: of the predictor, without an axis of examples; None with an error.
        target: name of the column of a table that is predicted, else "".
    """

    prediction: Predicted
    explained: Explained | None = None
    attributions: Sequence[Attribution] = ()
    places: Places = field(default_factory=lambda: Places((), None))
    answer: np.ndarray | None = None
    target: str = ""


# An input as a batch of one, and what is to be explained -> the attribution.
Method = Callable[[Any, Explained], Attribution]
