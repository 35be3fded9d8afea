"""What is to be predicted, in batches: consecutive inputs, read ahead of their prediction.

A source is cut into batches at multiples of the batch size, wherever reading begins or ends. So
an input is always predicted in the company of the same others, and its answer is the same, bit
by bit, in a whole output, in one that was gone on with, and in a shard.
"""

from __future__ import annotations

import hashlib
import queue
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

from dlcli.inputs.examples import Examples

if TYPE_CHECKING:
    import polars as pl

_READ_AHEAD = 2  # batches

Item = TypeVar("Item")


@dataclass(frozen=True)
class Batch:
    """Consecutive inputs.

    Args:
        raw: raw examples of those without an error, in order; None if there are none.
        errors: why an input cannot be predicted, by its position in the batch.
        cells: of a table, its rows.
        truths: what is known of each, as the output's file has it; else none.
    """

    names: Sequence[str]
    raw: Examples | None
    errors: Mapping[int, str] = field(default_factory=dict)
    cells: pl.DataFrame | None = None
    truths: Sequence[Any] = ()


@dataclass(frozen=True)
class Part:
    """Inputs that are read together, such as those of one table.

    Args:
        size: how many.
        read: gives the batches of (first, stop, batch size), where the first input is one at
            which a batch begins.
    """

    size: int
    read: Callable[[int, int, int], Iterator[Batch]]


@dataclass(frozen=True)
class Source:
    """Everything that is to be predicted, in order.

    Args:
        parts: one after the other.
        fingerprint: tells whether inputs are still the same.
        columns: of the first table, each with its polars type; none of other inputs.
    """

    parts: tuple[Part, ...]
    fingerprint: Callable[[], str]
    columns: Mapping[str, Any] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many inputs there are."""
        return sum(part.size for part in self.parts)

    def limited(self, limit: int | None) -> Source:
        """The first inputs alone."""
        left = self.size if limit is None else limit
        parts = []
        for part in self.parts:
            parts.append(replace(part, size=min(part.size, left)))
            left -= parts[-1].size
        return replace(self, parts=tuple(parts))

    def batches(self, start: int, stop: int, batch_size: int) -> Iterator[tuple[Batch, int, int]]:
        """The batches that hold the inputs from `start` up to `stop`.

        Yields:
            A batch, and from where up to where its inputs are among them.
        """
        offset = 0
        for part in self.parts:
            first, last = max(start - offset, 0), min(stop - offset, part.size)
            offset += part.size
            if first >= last:
                continue
            place = first - first % batch_size
            end = min(last + -last % batch_size, part.size)
            for batch in read_ahead(part.read(place, end, batch_size)):
                size = len(batch.names)
                yield batch, max(first - place, 0), min(last - place, size)
                place += size


def digest(*parts: str) -> str:
    """One fingerprint of several texts."""
    sha256 = hashlib.sha256()
    for part in parts:
        sha256.update(f"{len(part)}:{part}".encode("utf-8", "surrogateescape"))
    return sha256.hexdigest()


def read_ahead(items: Iterator[Item]) -> Iterator[Item]:
    """Take items in a thread of their own, a few before they are asked for."""
    ready: queue.Queue[tuple[Item | None, BaseException | None]] = queue.Queue(_READ_AHEAD)
    stopped = threading.Event()

    def put(item: Item | None, error: BaseException | None = None) -> bool:
        while not stopped.is_set():
            try:
                ready.put((item, error), timeout=0.1)
            except queue.Full:
                continue
            return True
        return False

    def work() -> None:
        try:
            for item in items:
                if not put(item):
                    return
        except BaseException as error:  # noqa: BLE001  raised where the items are used
            put(None, error)
        else:
            put(None)

    thread = threading.Thread(target=work, name="read ahead", daemon=True)
    thread.start()
    try:
        while True:
            item, error = ready.get()
            if error:
                raise error
            if item is None:
                return
            yield item
    finally:
        stopped.set()
        thread.join()
