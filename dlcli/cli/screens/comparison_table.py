"""What differs between two runs, as verify-resume and reproduce print it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from dlcli.cli.screens import output
from dlcli.proof.comparison import Compared


def table(compared: Sequence[Compared]) -> RenderableType:
    """Each thing that was compared, with its differences."""
    result = output.ruled_table()
    result.add_column("Compared", overflow="fold")
    result.add_column("Extent", justify="right", no_wrap=True)
    result.add_column("Result", overflow="fold", ratio=1)
    for each in compared:
        differences = Text("\n".join(each.differences), style="red")
        result.add_row(
            each.what,
            f"{each.count:,} {each.unit}",
            differences if each.differences else Text("equal to the bit", style="green"),
        )
    return result


def as_json(compared: Sequence[Compared]) -> list[dict[str, Any]]:
    """The same for machines."""
    return [
        {
            "what": each.what,
            "count": each.count,
            "unit": each.unit,
            "equal": not each.differences,
            "differences": list(each.differences),
        }
        for each in compared
    ]
