"""Requests that arrive at almost the same time are answered by one call of the model."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Hashable
from concurrent import futures
from concurrent.futures import Future
from dataclasses import dataclass, field

import numpy as np

from dlcli.inputs import examples
from dlcli.inputs.examples import Examples

_ASKED_SECONDS = 0.25  # how often it is asked whether anybody still waits


@dataclass(eq=False)
class _Waiting:
    """Examples that wait for their answers."""

    raw: Examples
    group: Hashable
    size: int
    arrived: float
    answers: Future[np.ndarray] = field(default_factory=Future)
    given_up: bool = False


class Batcher:
    """Answers for requests of many threads from one thread, so that the model is called by one.

    Args:
        max_batch: most examples of one call; a larger request is answered in parts.
        wait_seconds: how long after the arrival of a request others are waited for.
        running: whether the examples are running texts, whose answers are as long as those to
            the longest beside them: then only texts of one length meet, and no request is parted.
        observe: told of each call: its examples and its seconds.
    """

    def __init__(
        self,
        predict_batch: Callable[[Examples], np.ndarray],
        *,
        max_batch: int,
        wait_seconds: float,
        running: bool = False,
        observe: Callable[[int, float], None] = lambda size, seconds: None,
    ) -> None:
        self._predict_batch = predict_batch
        self._max_batch, self._wait_seconds = max_batch, wait_seconds
        self._running, self._observe = running, observe
        self._waiting: deque[_Waiting] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="batches", daemon=True)
        self._thread.start()

    def predict(
        self, raw: Examples, remaining: Callable[[], float] = lambda: math.inf
    ) -> np.ndarray:
        """Wait for the answers to some examples, perhaps together with those of others.

        Args:
            remaining: says how many seconds to wait yet; it may end at any time.

        Raises:
            TimeoutError: there is no answer in time; the examples are forgotten.
        """
        waiting = _Waiting(raw, self._group(raw), examples.size(raw), time.monotonic())
        with self._changed:
            if self._closed:
                raise RuntimeError("the batcher is closed")
            self._waiting.append(waiting)
            self._changed.notify_all()
        while seconds := remaining():
            done, _ = futures.wait([waiting.answers], min(seconds, _ASKED_SECONDS))
            if done:
                return waiting.answers.result()
        waiting.given_up = True
        waiting.answers.cancel()
        raise TimeoutError

    def depth(self) -> int:
        """How many requests wait for a call."""
        return len(self._waiting)

    def close(self, seconds: float | None = None) -> None:
        """Answer those who wait, and end, after so many seconds at the latest."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join(seconds)

    def _run(self) -> None:
        while batch := self._next():
            wanted = [each for each in batch if each.answers.set_running_or_notify_cancel()]
            if wanted:
                self._answer(wanted)

    def _next(self) -> list[_Waiting]:
        """The requests of the next call; none once it is closed and all are answered."""
        with self._changed:
            while not (self._waiting or self._closed):
                self._changed.wait()
            if not self._waiting:
                return []
            until = self._waiting[0].arrived + self._wait_seconds
            while (
                not self._closed
                and sum(each.size for each in self._joined()) < self._max_batch
                and (seconds := until - time.monotonic()) > 0
            ):
                self._changed.wait(seconds)
            batch = self._joined()
            for each in batch:
                self._waiting.remove(each)
            return batch

    def _joined(self) -> list[_Waiting]:
        """The first request, and those after it that fit into one call with it."""
        first = self._waiting[0]
        batch, size = [first], first.size
        for each in list(self._waiting)[1:]:
            if each.group == first.group and size + each.size <= self._max_batch:
                batch.append(each)
                size += each.size
        return batch

    def _answer(self, batch: list[_Waiting]) -> None:
        try:
            answers = self._called(
                examples.joined([each.raw for each in batch]),
                lambda: all(each.given_up for each in batch),
            )
        # Whatever it is, those who wait have to be told.
        except Exception as error:  # noqa: BLE001
            if len(batch) == 1:
                batch[0].answers.set_exception(error)
                return
            for each in batch:  # one request is not to spoil the others
                self._answer([each])
            return
        start = 0
        for each in batch:
            each.answers.set_result(answers[start : start + each.size])
            start += each.size

    def _called(self, raw: Examples, nobody_waits: Callable[[], bool]) -> np.ndarray:
        size = examples.size(raw)
        at_once = size if self._running else self._max_batch
        answers = []
        for start in range(0, size, at_once):
            if nobody_waits():
                raise TimeoutError
            part = examples.take(raw, slice(start, start + at_once))
            began = time.monotonic()
            answers.append(self._predict_batch(part))
            self._observe(examples.size(part), time.monotonic() - began)
        return answers[0] if len(answers) == 1 else np.concatenate(answers)

    def _group(self, raw: Examples) -> Hashable:
        """What requests have in common that may be answered by one call."""
        return max(map(len, raw), default=0) if self._running else None
