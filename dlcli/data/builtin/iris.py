"""Irises, 150 flowers of three species, four lengths each; bundled with scikit-learn.

Source: Fisher (1936), "The use of multiple measurements in taxonomic problems".
"""

from __future__ import annotations

from dlcli.data import built_in_table

KIND = "table"

load = built_in_table.of_sklearn("iris", "species")
