"""The plain rule that cuts inputs among machines, and what is told of a set that is not whole."""

from __future__ import annotations

import itertools

import pytest

from dlcli.errors import DataError, UsageError
from dlcli.prediction import shards


@pytest.mark.parametrize(("num_inputs", "count"), [(10, 3), (3, 5), (0, 2), (1_000_000, 7)])
def test_shards_are_all_inputs_once_and_in_order(num_inputs: int, count: int) -> None:
    bounds = [shards.Shard(number, count).of(num_inputs) for number in range(1, count + 1)]
    assert bounds[0][0] == 0
    assert bounds[-1][1] == num_inputs
    assert all(end == begin for (_, end), (begin, _) in itertools.pairwise(bounds))
    sizes = {end - begin for begin, end in bounds}
    assert max(sizes) - min(sizes) <= 1


@pytest.mark.parametrize("text", ["0/4", "5/4", "1", "a/b", "1/0", "-1/2", "1/2/3"])
def test_what_is_no_shard_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=rf"--shard is '{text}'\. Expected i/n"):
        shards.parse(text)


def test_a_set_is_put_in_order_and_what_is_wrong_with_it_is_named() -> None:
    assert shards.in_order([("b", "2/2"), ("a", "1/2")]) == ["a", "b"]
    with pytest.raises(DataError, match=r"shard 1/4, 3/4 are missing"):
        shards.in_order([("b", "2/4"), ("d", "4/4")])
    with pytest.raises(DataError, match=r"shard 2/4 is given twice: b and c"):
        shards.in_order([("b", "2/4"), ("c", "2/4")])
    with pytest.raises(DataError, match=r"c is shard 1/3, and b is shard 2/4"):
        shards.in_order([("b", "2/4"), ("c", "1/3")])
