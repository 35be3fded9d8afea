"""Where the time of a training went, as `train --profile` prints it."""

from __future__ import annotations

from typing import Any

from rich.console import Group, RenderableType

from dlcli import quantities
from dlcli.cli.screens import output


def table(profile: dict[str, Any]) -> RenderableType:
    """Each part with its time and share, the largest first."""
    result = output.ruled_table()
    result.add_column("Where the time went")
    result.add_column("Time", justify="right", no_wrap=True)
    result.add_column("Share", justify="right", no_wrap=True)
    total = profile["seconds"]
    for name, seconds in sorted(profile["parts"].items(), key=lambda part: -part[1]):
        share = 100 * seconds / total if total else 0.0
        result.add_row(name, quantities.duration(seconds), f"{share:.1f} %")
    taken = f"{profile['steps']:,} steps, {quantities.duration(total)}"
    note = f"{taken} from the first step to the end; each step was waited for."
    return Group("", result, note, "")
