"""Shards: a plain rule that cuts inputs among machines, and outputs put together again.

Of N inputs, shard i of n takes those from floor((i - 1) N / n) up to floor(i N / n), counted from
0: consecutive ones, in order, as many as any other shard or one more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from dlcli.errors import UsageError


@dataclass(frozen=True)
class Shard:
    """A part of the inputs.

    Args:
        number: from 1 to `count`.
        count: how many shards there are.
    """

    number: int
    count: int

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"

    def of(self, num_inputs: int) -> tuple[int, int]:
        """The first of its inputs, and the one after its last."""
        first = (self.number - 1) * num_inputs // self.count
        return first, self.number * num_inputs // self.count


def parse(text: str) -> Shard:
    """Read "i/n".

    Raises:
        UsageError: it is not that, or there is no shard i of n.
    """
    found = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text)
    shard = Shard(*map(int, found.groups())) if found else None
    if not shard or not 1 <= shard.number <= shard.count:
        raise UsageError(
            f"--shard is '{text}'. Expected i/n: the number of the shard, from 1, and how many "
            "there are.",
            "Such as --shard 1/4, 2/4, 3/4 and 4/4, each on a machine.",
        )
    return shard
