"""One example of nothing: to see that a model answers at all, and to warm it up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from dlcli.errors import ArtifactError
from dlcli.inputs import affine
from dlcli.inputs.examples import Examples

if TYPE_CHECKING:
    from dlcli.artifacts import Predictor


def example(document: Mapping[str, Any]) -> Examples:
    """A batch of one: zeros, an empty category, a short text."""
    form = document["input"]
    moved = affine.from_metadata(document).inputs
    if "columns" in form:
        offsets = {each.key: each.offset for each in moved}
        return {
            column["key"]: np.array([offsets.get(column["key"], 0)], np.float64)
            if column["kind"] == "number"
            else np.array([""], object)
            for column in form["columns"]
        }
    if form["dtype"] == "string":
        return np.array(["a"], object)
    raw = np.zeros((1, *form["shape"]), np.float64 if moved else form["dtype"])
    for each in moved:
        raw[..., int(each.key)] = each.offset  # the place of a channel
    return raw


def check(predictor: Predictor, origin: object) -> None:
    """See that a model's answer is a number.

    Raises:
        ArtifactError: it is not, as weights that are not finite make it.
    """
    answer = np.asarray(predictor.predict_batch(example(predictor.metadata)))
    if np.isnan(answer).any():
        raise ArtifactError(
            f"{origin} answers {answer.size:,} times nan to an example of zeros: its weights are "
            "not finite. Expected a model that answers with numbers.",
            "Copy it again from where it is whole, or train anew.",
        )
