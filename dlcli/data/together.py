"""Two splits as one, to train on both."""

from __future__ import annotations

from typing import cast

import numpy as np

from dlcli.data import Split
from dlcli.inputs.text_windows import TextWindows, WindowNames
from dlcli.inputs.windows import Windows


def together(first: Split, second: Split) -> Split:
    """The examples of one split and then those of another one of the same data set.

    Those of a text move along it in each epoch, all by the same number of characters: where the
    first split's do, the last window of the second is left out, as it could leave its part.
    """
    if not isinstance(first.inputs, TextWindows):  # all splits share what they index by rows
        rows = np.concatenate([first.rows, second.rows])
        return Split(first.inputs, first.targets, rows, first.names)
    inputs = first.inputs.followed_by(second.inputs)
    targets = cast(Windows, first.targets).followed_by(second.targets)
    names = cast(WindowNames, first.names).followed_by(cast(WindowNames, second.names))
    return Split(inputs, targets, np.arange(len(inputs)), names)
