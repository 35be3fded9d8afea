"""Cells that a spreadsheet would run get an apostrophe; numbers stay numbers."""

import io

import polars as pl
import pytest

from dlcli.prediction import forecast_csv, safe_cells
from dlcli.prediction.forecasting import Prediction

FORMULAS = ["=1+1", "+A1", "-A1", "@SUM(A1)", "\tx", "\rx", "-1+cmd|' /C calc'!A0", "--1", "=", "-"]
PLAIN = ["", "cat", "-5", "+3", "-1.5e-7", "-1,234.50", "+1 000,5", "-.5", "-12 %", "-inf", "a=b"]


@pytest.mark.parametrize("cell", FORMULAS)
def test_formulas_become_text(cell):
    assert safe_cells.safe(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", [*PLAIN, None, -1.5])
def test_all_else_is_unchanged(cell):
    assert safe_cells.safe(cell) == cell


def test_a_table_is_treated_alike():
    frame = pl.DataFrame({"a": [*FORMULAS, *PLAIN, None], "b": -1})
    found = frame.with_columns(safe_cells.expression())
    assert found["a"].to_list() == [safe_cells.safe(each) for each in frame["a"]]
    assert found["b"].to_list() == frame["b"].to_list()


@pytest.mark.parametrize("is_safe", [False, True])
def test_forecasts_are_treated_too(is_safe):
    file = io.StringIO()
    item = Prediction("=step", values={"sold": -2.0})
    forecast_csv.write([item], file, is_safe)
    assert file.getvalue().splitlines()[1].startswith("'=step,-2.0" if is_safe else "=step,-2.0")
