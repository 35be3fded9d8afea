"""Irises, 150 flowers of three species, four lengths each; bundled with scikit-learn.

Source: Fisher (1936), "The use of multiple measurements in taxonomic problems".
"""

from __future__ import annotations

from dlcli.data import DataSet, built_in_table
from dlcli.recipe.sections.table import Data, Preprocessing

KIND = "table"


def load(task: str, data: Data, preprocessing: Preprocessing) -> DataSet:
    """Load the irises, with all three splits cut by the recipe's seed."""
    from sklearn.datasets import load_iris

    return built_in_table.from_sklearn("iris", load_iris(), "species", task, data, preprocessing)
