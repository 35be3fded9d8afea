"""Requests that arrive together are answered together, each with its own answers."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from dlcli.serving.batching import Batcher

DEADLINE = 20.0  # seconds: what takes longer waits for ever


def occur(event):
    """Wait for an event that is sure to come."""
    assert event.wait(DEADLINE), "what is waited for does not come"


def deadline():
    """Start a clock that says how many seconds of `DEADLINE` remain."""
    end = time.monotonic() + DEADLINE
    return lambda: max(0.0, end - time.monotonic())


def predict(batcher, one, dtype=np.float32):
    """Ask for the answers to one request, but not for ever."""
    return batcher.predict(np.array(one, dtype), deadline())


class Doubling:
    """Answers twice the number; `calls` are what it was given. The first call can be held up."""

    def __init__(self, held: bool = False) -> None:
        self.calls: list[list[float]] = []
        self.entered, self.go_on = threading.Event(), threading.Event()
        if not held:
            self.go_on.set()

    def __call__(self, raw: np.ndarray) -> np.ndarray:
        self.calls.append(raw.tolist())
        self.entered.set()
        occur(self.go_on)
        if (raw < 0).any():
            raise ValueError("a negative number")
        return 2 * raw


@pytest.fixture
def batcher():
    made = []

    def make(answer, **settings):
        made.append(Batcher(answer, **{"max_batch": 8, "wait_seconds": 0.0, **settings}))
        return made[-1]

    yield make
    for each in made:
        each.close(DEADLINE)


def ask(batcher, requests):
    """Ask with all requests at the same time; the answers in their order."""
    with ThreadPoolExecutor(len(requests)) as pool:
        futures = [pool.submit(predict, batcher, one) for one in requests]
        return [future.result().tolist() for future in futures]


def test_a_large_request_ends_when_nobody_waits_for_it_any_more(batcher):
    answer = Doubling(held=True)
    large = batcher(answer, max_batch=2)
    gives_up, remaining = threading.Event(), deadline()
    with ThreadPoolExecutor(1) as pool:
        given_up = pool.submit(
            large.predict, np.zeros(10, np.float32), lambda: 0 if gives_up.is_set() else remaining()
        )
        occur(answer.entered)
        gives_up.set()
        with pytest.raises(TimeoutError):
            given_up.result()
        answer.go_on.set()
    assert ask(large, [[3]]) == [[6]]
    assert answer.calls == [[0, 0], [3]]


def wait_for(batcher, depth):
    remaining = deadline()
    while batcher.depth() < depth:
        assert remaining(), f"fewer than {depth} requests wait"
        time.sleep(0.001)


def while_busy(answer, batcher, requests):
    """Ask while the model is at work on a first request, and let it go on when all wait."""
    with ThreadPoolExecutor(len(requests) + 1) as pool:
        first = pool.submit(predict, batcher, [0])
        occur(answer.entered)
        futures = []
        for depth, one in enumerate(requests, 1):
            futures.append(pool.submit(predict, batcher, one))
            wait_for(batcher, depth)
        answer.go_on.set()
        first.result()
        return [future.exception() or future.result().tolist() for future in futures]


def test_what_waits_is_joined_up_to_the_largest_batch(batcher):
    answer = Doubling(held=True)
    answers = while_busy(answer, batcher(answer), [[1, 2, 3], [4, 5, 6], [7, 8, 9], [10]])
    assert answers == [[2, 4, 6], [8, 10, 12], [14, 16, 18], [20]]
    # Three and three fit into eight; the next three do not, the one after them does.
    assert answer.calls == [[0], [1, 2, 3, 4, 5, 6, 10], [7, 8, 9]]


def test_those_that_come_within_the_wait_are_joined(batcher):
    answer = Doubling()
    # The largest batch ends the wait: that it is reached shows that all were joined.
    joined = batcher(answer, max_batch=6, wait_seconds=3600)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(predict, joined, [1])
        wait_for(joined, 1)
        assert not answer.entered.wait(0.05)  # it waits for others
        assert ask(joined, [[2, 3], [4, 5, 6]]) == [[4, 6], [8, 10, 12]]
        assert first.result().tolist() == [2]
    assert len(answer.calls) == 1


def test_no_answer_goes_to_another_request(batcher):
    answer = Doubling()
    rng = np.random.default_rng(0)
    requests = [rng.random(size).astype(np.float32) for size in rng.integers(1, 12, 200)]
    answers = ask(batcher(answer, wait_seconds=0.001), requests)
    for request, given in zip(requests, answers, strict=True):
        assert given == (2 * request).tolist()
    assert max(map(len, answer.calls)) <= 8


def test_a_request_larger_than_a_batch_is_answered_in_parts(batcher):
    answer = Doubling()
    assert ask(batcher(answer), [list(range(20))]) == [[2 * i for i in range(20)]]
    assert [len(call) for call in answer.calls] == [8, 8, 4]


def test_a_request_that_fails_does_not_spoil_those_beside_it(batcher):
    answer = Doubling(held=True)
    first, bad, last = while_busy(answer, batcher(answer), [[1], [-1], [2]])
    assert (first, last) == ([2], [4])
    assert str(bad) == "a negative number"


def test_one_that_waits_too_long_is_forgotten(batcher):
    answer = Doubling(held=True)
    busy = batcher(answer)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(predict, busy, [0])
        occur(answer.entered)
        with pytest.raises(TimeoutError):
            busy.predict(np.ones(1, np.float32), iter((0.01, 0.0)).__next__)
        answer.go_on.set()
        first.result()
    assert ask(busy, [[3]]) == [[6]]
    assert answer.calls == [[0], [3]]


def test_of_running_texts_only_those_of_one_length_are_joined(batcher):
    calls, entered, go_on = [], threading.Event(), threading.Event()

    def lengths(raw):
        calls.append(raw.tolist())
        entered.set()
        occur(go_on)
        return np.array([[len(one)] * max(map(len, raw)) for one in raw])

    running = batcher(lengths, running=True)
    with ThreadPoolExecutor(4) as pool:
        futures = []
        for depth, texts in enumerate((["x"], ["abc"], ["de"], ["f", "ghi"])):
            futures.append(pool.submit(predict, running, texts, object))
            occur(entered)
            wait_for(running, depth)
        go_on.set()
        shapes = [future.result().shape for future in futures]
    assert shapes == [(1, 1), (1, 3), (1, 2), (2, 3)]
    assert calls == [["x"], ["abc", "f", "ghi"], ["de"]]


def test_those_who_wait_are_answered_before_it_closes(batcher):
    answer = Doubling(held=True)
    closing = batcher(answer, wait_seconds=3600, max_batch=2)
    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(predict, closing, [1, 2])
        occur(answer.entered)
        second = pool.submit(predict, closing, [3])
        wait_for(closing, 1)
        end = pool.submit(closing.close, DEADLINE)
        answer.go_on.set()
        assert (first.result().tolist(), second.result().tolist()) == ([2, 4], [6])
        end.result()
    with pytest.raises(RuntimeError, match="closed"):
        closing.predict(np.zeros(1, np.float32))
