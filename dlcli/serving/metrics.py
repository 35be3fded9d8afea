"""What is counted and timed, in the format of Prometheus."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

CONTENT_TYPE = CONTENT_TYPE_LATEST

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)


class Metrics:
    """The metrics of one server, in a registry of their own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._requests = Counter(
            "dlcli_requests",
            "Requests by their outcome: ok, bad_request, not_found, too_large, busy, timeout, "
            "failed or disconnected.",
            ("endpoint", "outcome"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "dlcli_request_seconds",
            "Seconds from a request's head to its answer.",
            ("endpoint",),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._batch_examples = Histogram(
            "dlcli_batch_examples",
            "Examples of a call of the model.",
            buckets=_SIZES,
            registry=self._registry,
        )
        self._batch_seconds = Histogram(
            "dlcli_batch_seconds",
            "Seconds of a call of the model.",
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._model = Gauge(
            "dlcli_model_info",
            "The model that is served.",
            ("model", "task"),
            registry=self._registry,
        )

    def describe(
        self, name: str, task: str, depth: Callable[[], int], under_way: Callable[[], int]
    ) -> None:
        """Say what is served, and where to read what changes by itself.

        Args:
            depth: how many requests wait for a call of the model.
            under_way: how many requests are being answered.
        """
        self._model.labels(name, task).set(1)
        for key, about, value in (
            ("dlcli_queue_depth", "Requests that wait for a call of the model.", depth),
            ("dlcli_requests_under_way", "Requests that are not answered yet.", under_way),
        ):
            Gauge(key, about, registry=self._registry).set_function(value)

    def count_request(self, endpoint: str, outcome: str, seconds: float) -> None:
        """Count one request that has ended."""
        self._requests.labels(endpoint, outcome).inc()
        self._seconds.labels(endpoint).observe(seconds)

    def count_batch(self, size: int, seconds: float) -> None:
        """Count one call of the model."""
        self._batch_examples.observe(size)
        self._batch_seconds.observe(seconds)

    def exposition(self) -> bytes:
        """All of them as text."""
        return generate_latest(self._registry)
