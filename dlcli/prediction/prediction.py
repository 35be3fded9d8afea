"""Parts that predictions of every output share; each output has a module of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np

from dlcli.prediction.protocols import Predicted


@dataclass(frozen=True)
class Column:
    """A new column of an output file.

    Args:
        name: of it, unless the inputs have a column of this name.
        dtype: in Parquet.
    """

    name: str
    dtype: Literal["string", "float32", "float64"]


class Cell(NamedTuple):
    """A cell of a table for people, with the heading of its column."""

    heading: str
    text: str
    style: str = ""
    justify: Literal["left", "right"] = "left"


def document(item: Predicted) -> dict[str, Any]:
    """A prediction as JSON has it: what was given, and the answer or why there is none."""
    found: dict[str, Any] = {"input": item.input}
    if item.cells:
        found["columns"] = {name: _cell(value) for name, value in item.cells.items()}
    return {**found, **({"error": item.error} if item.error else item.document())}


def target_names(metadata: Mapping[str, Any], otherwise: str) -> tuple[str, str]:
    """The names of the columns of the predicted and of the true target.

    Args:
        otherwise: what the first is called where the target has no name.
    """
    target = metadata.get("target", "")
    names = (f"predicted_{target}", f"true_{target}")
    return names if target else (otherwise, f"true_{otherwise}")


def plain(value: np.floating) -> float:
    """A float32 or float64 with the digits that it knows, and no others."""
    return float(str(value))


def _cell(value: Any) -> Any:
    """A cell as JSON has it; dates and times are text."""
    return value if value is None or isinstance(value, str | int | float) else str(value)
