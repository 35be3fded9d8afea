"""Columns side by side."""

import numpy as np

from dlcli.layers.table_columns import TableColumns


def test_categories_are_positions_and_gaps_are_nan():
    ages = np.array([3, np.nan, 5, 1], np.float32)
    towns = np.array(["Ulm", "Bonn", "", "Paris"], object)
    found = TableColumns([None, ["Bonn", "Ulm"]])([ages, towns])
    np.testing.assert_array_equal(found, [[3, 1], [np.nan, 0], [5, np.nan], [1, -1]])
