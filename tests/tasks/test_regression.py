"""Errors are shown in the units of the target, however large or small these are."""

import numpy as np
import pytest

from dlcli.data import DataSpec
from dlcli.inputs.affine import Affine, Affines
from dlcli.tasks.regression import METRICS


def shown(spec, truth, answers):
    found = {}
    for name, make in METRICS.items():
        metric = make(spec)
        metric.update_state(np.float32(truth), np.float32(answers)[:, None])
        found[name] = float(metric.result())
    return found


@pytest.mark.parametrize("unit", [1e-30, 1e-12, 1.0, 1e12, 1e20, 1e30])
def test_errors_of_any_size(unit):
    spec = DataSpec((), "", (), "", target_std=unit)
    truth, answers = np.array([1.0, 2.0]) * unit, np.array([1.5, 1.0]) * unit
    expected = {"rmse": np.sqrt(0.625) * unit, "mae": 0.75 * unit}
    assert shown(spec, truth, answers) == pytest.approx(expected, rel=1e-5, abs=0)


def test_errors_of_a_target_that_the_model_has_shifted_and_scaled():
    affines = Affines(outputs=(Affine("y", 0, 1e9, 10.0),))
    spec = DataSpec((), "", (), "", affines=affines)
    found = shown(spec, affines.targets(np.array([1e9 + 3])), [0.5])
    assert found == pytest.approx({"rmse": 2.0, "mae": 2.0}, rel=1e-5)
