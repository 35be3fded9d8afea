"""The devices that `--devices` names, and the processors."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from dlcli.errors import UsageError


@dataclass(frozen=True)
class Devices:
    """The devices that one process trains on.

    Args:
        count: how many; None for all GPUs that there are.
        on_cpu: whether they are parts of the CPU, to try several devices out without GPUs.
    """

    count: int | None
    on_cpu: bool = False

    def __str__(self) -> str:
        count = "all" if self.count is None else str(self.count)
        return f"cpu:{count}" if self.on_cpu else count


def num_processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):  # not on macOS
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def parse(text: str) -> Devices:
    """Read `2`, `all` or `cpu:2`.

    Raises:
        UsageError: it is none of these.
    """
    match = re.fullmatch(r"(cpu:)?([1-9]\d{0,3})|all", text.strip().lower())
    if not match:
        raise UsageError(
            f"--devices is '{text}'. Expected a number of GPUs, 'all' of them, or 'cpu:2' to try "
            "two devices out on a CPU."
        )
    return Devices(int(match[2]) if match[2] else None, bool(match[1]))
