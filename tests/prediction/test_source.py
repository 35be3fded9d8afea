"""Batches begin where they always do, whatever part of the inputs is asked for."""

import numpy as np
import pytest

from dlcli.prediction.source import Batch, Part, Source, digest, read_ahead


def _part(name: str, size: int) -> Part:
    def read(first, stop, batch_size):
        for start in range(first, stop, batch_size):
            rows = range(start, min(start + batch_size, stop))
            yield Batch([f"{name}{row}" for row in rows], np.array(rows))

    return Part(size, read)


SOURCE = Source((_part("a", 5), _part("b", 3)), lambda: "")


def _names(start: int, stop: int, batch_size: int = 2) -> list[list[str]]:
    return [
        list(batch.names[first:last])
        for batch, first, last in SOURCE.batches(start, stop, batch_size)
    ]


def test_batches_never_hold_inputs_of_two_parts():
    assert _names(0, 8) == [["a0", "a1"], ["a2", "a3"], ["a4"], ["b0", "b1"], ["b2"]]


def test_a_part_of_the_inputs_is_cut_out_of_the_same_batches():
    whole = [batch.names for batch, _, _ in SOURCE.batches(0, 8, 2)]
    cut = [batch.names for batch, _, _ in SOURCE.batches(3, 7, 2)]
    assert cut == whole[1:4]
    assert _names(3, 7) == [["a3"], ["a4"], ["b0", "b1"]]
    assert _names(5, 5) == []


def test_a_limit_leaves_the_first_inputs():
    assert [part.size for part in SOURCE.limited(6).parts] == [5, 1]
    assert SOURCE.limited(2).size == 2
    assert SOURCE.limited(None).size == SOURCE.size == 8


def test_an_error_while_reading_ahead_is_raised_where_the_item_is_used():
    def items():
        yield 1
        raise ValueError("broken")

    found = read_ahead(items())
    assert next(found) == 1
    with pytest.raises(ValueError, match="broken"):
        next(found)


def test_a_fingerprint_depends_on_where_a_text_ends():
    assert digest("ab", "c") != digest("a", "bc")
    assert digest("ab", "c") == digest("ab", "c")
