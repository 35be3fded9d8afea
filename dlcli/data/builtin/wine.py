"""Wines of three growers, 178 bottles, 13 chemical measures; bundled with scikit-learn.

Source: UCI Wine (Aeberhard and Forina, 1991).
"""

from __future__ import annotations

from dlcli.data import DataSet, built_in_table
from dlcli.recipe.sections.table import Data, Preprocessing

KIND = "table"


def load(task: str, data: Data, preprocessing: Preprocessing) -> DataSet:
    """Load the wines, with all three splits cut by the recipe's seed."""
    from sklearn.datasets import load_wine

    return built_in_table.from_sklearn("wine", load_wine(), "grower", task, data, preprocessing)
