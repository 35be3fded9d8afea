"""Breast tumours, 569, malignant or benign, 30 measures each; bundled with scikit-learn.

Source: UCI Breast Cancer Wisconsin, Diagnostic (Wolberg, Mangasarian, Street and Street, 1995).
"""

from __future__ import annotations

from dlcli.data import built_in_table

KIND = "table"

load = built_in_table.of_sklearn("breast_cancer", "diagnosis")
