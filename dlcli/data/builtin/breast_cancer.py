"""Breast tumours, 569, malignant or benign, 30 measures each; bundled with scikit-learn.

Source: UCI Breast Cancer Wisconsin, Diagnostic (Wolberg, Mangasarian, Street and Street, 1995).
"""

from __future__ import annotations

from dlcli.data import DataSet, built_in_table
from dlcli.recipe.sections.table import Data, Preprocessing

KIND = "table"


def load(task: str, data: Data, preprocessing: Preprocessing) -> DataSet:
    """Load the tumours, with all three splits cut by the recipe's seed."""
    from sklearn.datasets import load_breast_cancer

    return built_in_table.from_sklearn(
        "breast_cancer", load_breast_cancer(), "diagnosis", task, data, preprocessing
    )
