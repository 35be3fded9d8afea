"""What texts, series and whole series share: attention over their steps."""

from __future__ import annotations

import numpy as np

from dlcli.explanation.attribution import Attribution, Explained, Method
from dlcli.explanation.subject import Subject
from dlcli.inputs.examples import Examples


def attention(subject: Subject) -> Method:
    """The weights of the steps of one example; see `dlcli.explanation.attention`."""
    from dlcli.explanation.attention import Attention

    found = Attention(subject.network)

    def attribute(raw: Examples, explained: Explained) -> Attribution:
        numbers = subject.network.numbers(raw)
        weights, heads = found.weights(numbers, num_real(numbers))
        return Attribution(
            "attention",
            weights,
            "share of attention",
            signed=False,
            reference="attention rollout over all blocks" if heads.size else "",
            details={"heads": heads} if heads.size else {},
        )

    return attribute


def num_real(numbers: np.ndarray) -> int:
    """Steps of the one example that are not after its end; 1 at least, as the network counts."""
    is_tokens = numbers.dtype.kind == "i"
    present = numbers[0] != 0 if is_tokens else ~np.isnan(numbers[0]).all(axis=-1)
    return max(int(present.sum()), 1)
