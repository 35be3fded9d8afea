"""Wines of three growers, 178 bottles, 13 chemical measures; bundled with scikit-learn.

Source: UCI Wine (Aeberhard and Forina, 1991).
"""

from __future__ import annotations

from dlcli.data import built_in_table

KIND = "table"

load = built_in_table.of_sklearn("wine", "grower")
