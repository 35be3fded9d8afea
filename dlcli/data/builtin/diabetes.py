"""Diabetes, 442 patients: its progression after a year from ten measures; in scikit-learn.

Source: Efron, Hastie, Johnstone and Tibshirani (2004), "Least angle regression".
"""

from __future__ import annotations

from dlcli.data import built_in_table

KIND = "table"

load = built_in_table.of_sklearn("diabetes", "progression")
