"""Diabetes, 442 patients: its progression after a year from ten measures; in scikit-learn.

Source: Efron, Hastie, Johnstone and Tibshirani (2004), "Least angle regression".
"""

from __future__ import annotations

from dlcli.data import DataSet, built_in_table
from dlcli.recipe.sections.table import Data, Preprocessing

KIND = "table"


def load(task: str, data: Data, preprocessing: Preprocessing) -> DataSet:
    """Load the patients, with all three splits cut by the recipe's seed."""
    from sklearn.datasets import load_diabetes

    return built_in_table.from_sklearn(
        "diabetes", load_diabetes(), "progression", task, data, preprocessing
    )
