"""Cells that a spreadsheet would run: in CSV, text that begins like a formula is one.

The cells of a table, the names of files and classes come from others. An apostrophe before such a
cell makes a spreadsheet show it as text.
"""

from __future__ import annotations

import re
from typing import Any

_FORMULA = "^[=+\\-@\t\r]"
_NUMBER = r"^[+-]?(\d[\d.,' ]*|\.\d+)([eE][+-]?\d+)?\s*%?$|^[+-](inf|nan)$"


def safe(cell: Any) -> Any:
    """A cell with an apostrophe before it where it begins with = + - @, a tab or a line end.

    Numbers stay as they are.
    """
    if not isinstance(cell, str) or not re.search(_FORMULA, cell) or re.search(_NUMBER, cell):
        return cell
    return f"'{cell}"


def expression() -> Any:
    """The same for all text columns of a polars table."""
    import polars as pl

    text = pl.col(pl.String)
    is_formula = text.str.contains(_FORMULA) & ~text.str.contains(_NUMBER)
    return pl.when(is_formula).then(text.str.replace("^", "'")).otherwise(text)
