"""Shards: a plain rule that cuts inputs among machines, and outputs put together again.

Of N inputs, shard i of n takes those from floor((i - 1) N / n) up to floor(i N / n), counted from
0: consecutive ones, in order, as many as any other shard or one more.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from dlcli.errors import DataError, UsageError


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


def in_order(found: Sequence[tuple[str, str]]) -> list[str]:
    """Put the outputs of all shards in order.

    Args:
        found: name of each output, and which shard it is, such as "1/4".

    Returns:
        The names, from the first shard to the last.

    Raises:
        DataError: a shard is missing or there twice, or they are not of one set.
    """
    names: dict[int, str] = {}
    count = parse(found[0][1]).count
    for name, text in found:
        shard = parse(text)
        if shard.count != count:
            raise DataError(
                f"{name} is shard {shard}, and {found[0][0]} is shard {found[0][1]}.",
                "Give the shards of one set.",
            )
        if shard.number in names:
            raise DataError(
                f"shard {shard} is given twice: {names[shard.number]} and {name}.",
                "Give each shard once.",
            )
        names[shard.number] = name
    if missing := [f"{number}/{count}" for number in range(1, count + 1) if number not in names]:
        raise DataError(
            f"shard {', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing.",
            f"Run it: the same command with --shard {missing[0]}",
        )
    return [names[number] for number in range(1, count + 1)]
