"""How far an artifact may be from its model is measured by what its answers differ by."""

import numpy as np
import pytest

from dlcli.export import parity
from dlcli.inputs.affine import Affine, Affines


def compare(expected, found, targets, affines=None):
    metadata = {"task": "table-regression", "class_names": []}
    if affines:
        metadata["affine"] = affines.document()
    answers = {"forward": found, "backward": found, "singles": found[[0, 0]]}
    return parity.compare(expected, answers, targets, metadata)


@pytest.mark.parametrize("error", [1e-7, 1e-3])
def test_an_offset_hides_no_difference(error):
    truth = 1e9 + np.array([1.0, 5.0, 9.0])
    affines = Affines(outputs=(Affine("y", 0, 1e9 + 5, 4.0),))
    result = compare(truth[:, None], truth[:, None] + 4 * error, truth, affines)
    assert result.max_difference == pytest.approx(error, rel=0.5)
    assert result.holds is (error < 1e-5)


@pytest.mark.parametrize("error", [1e-15, 1e-11])
def test_small_targets_do_not_pass_whatever_is_answered(error):
    truth = np.array([1.0, 5.0, 9.0]) * 1e-9
    expected = truth.astype(np.float32)[:, None]
    result = compare(expected, expected + np.float32(error), truth)
    assert result.holds is (error < 1e-13)
