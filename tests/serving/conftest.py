"""A server in this process, and models whose answers are known without any network."""

from __future__ import annotations

import http.client
import json
import threading
import urllib.parse
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

READING = {"missing_values": ["", "NA"]}


class Known:
    """A predictor of a kind of data; `calls` are the sizes of the batches that it was given."""

    def __init__(self, kind: str, answer: Callable[[Any], np.ndarray], **described: Any) -> None:
        form = {"kind": kind, "missing": "mean", "reading": READING, **described.pop("input", {})}
        self.metadata = {
            "format": "dlcli/1",
            "task": f"{kind}-classification",
            "class_names": [],
            "recipe_name": "known",
            "input": form,
            **described,
        }
        self.calls: list[int] = []
        self._answer = answer

    def predict_batch(self, raw: Any) -> np.ndarray:
        """Answer, and note how many at once."""
        first = next(iter(raw.values())) if isinstance(raw, dict) else raw
        self.calls.append(len(first))
        return self._answer(raw).astype(np.float32)


def image(**described: Any) -> Known:
    """Two by three pixels, gray: dark or bright by the mean."""

    def answer(raw: np.ndarray) -> np.ndarray:
        bright = raw.reshape(len(raw), -1).mean(axis=1) / 255
        return np.stack([1 - bright, bright], axis=1)

    form = {"name": "image", "shape": [2, 3, 1], "dtype": "uint8"}
    form |= {"color_mode": "grayscale", "resize": "stretch"}
    return Known("image", answer, class_names=["dark", "bright"], input=form, **described)


def table() -> Known:
    """A number and a category: half of the one, and more in the city."""

    def answer(raw: dict[str, np.ndarray]) -> np.ndarray:
        city = np.array([home == "city" for home in raw["home_town"]])
        return (np.nan_to_num(raw["Age"], nan=100) / 2 + 1000 * city)[:, None]

    columns = [
        {"name": "Age", "key": "Age", "kind": "number", "categories": []},
        {
            "name": "home town",
            "key": "home_town",
            "kind": "category",
            "categories": ["city", "</script>"],
        },
    ]
    return Known(
        "table", answer, task="table-regression", target="rent", input={"columns": columns}
    )


def text() -> Known:
    """How many letters of a text are upper case."""

    def answer(raw: np.ndarray) -> np.ndarray:
        loud = np.array([sum(c.isupper() for c in one) / max(len(one), 1) for one in raw])
        return np.stack([1 - loud, loud], axis=1)

    form = {"name": "text", "text": "text", "shape": [], "dtype": "string"}
    return Known("text", answer, class_names=["quiet", "loud"], target="tone", input=form)


def series() -> Known:
    """The last value again, and one more each step."""

    def answer(raw: np.ndarray) -> np.ndarray:
        return raw[:, -1:, :] + np.arange(1, 4)[:, None]

    column = {"name": "sold", "mean": 0.0, "std": 1.0}
    forecast = {
        "columns": [column],
        "targets": [column],
        "horizon": 3,
        "time": "day",
        "time_format": "%Y-%m-%d",
        "step": {"months": 0, "size": 86_400_000_000.0, "last_days": False},
    }
    form = {"name": "series", "shape": [2, 1], "dtype": "float32", "time_format": None}
    return Known(
        "series", answer, task="series-forecasting", target="sold", forecast=forecast, input=form
    )


def sequence(channels: int = 1) -> Known:
    """Whether a series of up to four steps rises on the whole."""

    def answer(raw: np.ndarray) -> np.ndarray:
        rises = np.nan_to_num(np.diff(raw[:, :, 0], axis=1)).sum(axis=1) > 0
        return np.stack([~rises, rises], axis=1)

    form = {"name": "series", "shape": [4, channels], "dtype": "float32", "label": "label"}
    return Known(
        "sequence",
        answer,
        class_names=["falls", "rises"],
        input=form,
        recipe={"data": {}},
    )


class Letters:
    """A text generator of a, b, c, ...: each letter is followed by the next."""

    NAMES = ("", "\N{REPLACEMENT CHARACTER}", *"abcdefghijklmnopqrstuvwxyz")

    def __init__(self) -> None:
        form = {"kind": "corpus", "name": "text", "shape": [], "dtype": "string"}
        self.metadata = {
            "task": "text-generation",
            "class_names": list(self.NAMES),
            "recipe_name": "known",
            "input": {**form, "predict": "every-step"},
        }
        self.calls: list[int] = []

    def start(self, batch_size: int) -> dict[str, np.ndarray]:
        return {}

    def step(self, token_ids: np.ndarray, state: Any) -> tuple[np.ndarray, Any]:
        return self._next(token_ids), state

    def predict_batch(self, raw: np.ndarray) -> np.ndarray:
        self.calls.append(len(raw))
        ids = np.zeros((len(raw), max(map(len, raw))), int)
        for row, one in zip(ids, raw, strict=True):
            row[: len(one)] = [max(1, "".join(self.NAMES[2:]).find(letter) + 2) for letter in one]
        return self._next(ids)

    def _next(self, ids: np.ndarray) -> np.ndarray:
        return np.eye(len(self.NAMES), dtype=np.float32)[(ids - 1) % 26 + 2]


def pictures() -> Known:
    """Pictures of four pixels, as bright as their first number."""

    def answer(raw: np.ndarray) -> np.ndarray:
        return np.clip(128 + 50 * raw[:, :1, None, None], 0, 255) * np.ones((1, 2, 2, 1))

    form = {"name": "noise", "shape": [3], "dtype": "float32", "picture_shape": [2, 2, 1]}
    return Known("pictures", answer, task="image-generation", input=form)


@pytest.fixture
def known() -> SimpleNamespace:
    """What makes the predictors of this file, by their kinds of data."""
    return SimpleNamespace(
        image=image,
        table=table,
        text=text,
        series=series,
        sequence=sequence,
        corpus=Letters,
        pictures=pictures,
    )


@dataclass(frozen=True)
class Answer:
    """A response."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content)


@dataclass
class Client:
    """A server under test, and requests to it."""

    url: str
    model: Any
    metrics: Any
    stop: Callable[[], None]

    def get(self, path: str) -> Answer:
        return self.request("GET", path)

    def post(self, path: str, body: Any, **headers: str) -> Answer:
        """Send JSON, or bytes as they are."""
        return self.request("POST", path, body, **headers)

    def form(self, *fields: tuple[str, str, bytes | str]) -> Answer:
        """Send files, each a field's name, the file's name and its bytes; or plain fields."""
        boundary = uuid.uuid4().hex
        parts = []
        for name, file_name, content in fields:
            data = content.encode() if isinstance(content, str) else content
            file = f'; filename="{file_name}"' if file_name else ""
            head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'
            parts.append(head.encode() + data + b"\r\n")
        body = b"".join(parts) + f"--{boundary}--\r\n".encode()
        kind = f"multipart/form-data; boundary={boundary}"
        return self.request("POST", "predict", body, **{"Content-Type": kind})

    def request(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        if body is not None and not isinstance(body, bytes | Iterator):
            body = json.dumps(body).encode()
        if body is not None:
            headers = {"Content-Type": "application/json", **headers}
        address = urllib.parse.urlsplit(self.url)
        connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=120)
        try:
            connection.request(method, f"/{path}", body, headers)
            response = connection.getresponse()
            answer = response.read()
            named = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, named, answer)
        finally:
            connection.close()


@pytest.fixture(scope="module")
def serve() -> Iterator[Callable[..., Client]]:
    """Serve a predictor in a thread, with limits and settings by name."""
    uvicorn = pytest.importorskip("uvicorn", reason="the extra serve is not installed")
    from dlcli.serving import app, metrics, server
    from dlcli.serving.endpoint import Limits
    from dlcli.serving.model import Model

    started: list[tuple[Any, threading.Thread]] = []

    def start(
        predictor: Any,
        name: str = "known",
        *,
        max_batch: int = 64,
        wait_seconds: float = 0.0,
        **limits: Any,
    ) -> Client:
        counted = metrics.Metrics()
        model = Model(
            name,
            "model.tflite",
            predictor,
            predictor if hasattr(predictor, "step") else None,
            max_batch=max_batch,
            wait_seconds=wait_seconds,
            observe=counted.count_batch,
        )
        chosen = Limits(**{"timeout": 60.0, **limits})
        bound = server.bind("127.0.0.1", 0)
        bound.listen()
        built = app.build(model, chosen, counted, allowed=["proxy.example"])
        config = server.configured(built, chosen.timeout)
        running = uvicorn.Server(config)
        thread = threading.Thread(target=running.run, kwargs={"sockets": [bound]})
        thread.start()

        def stop() -> None:
            running.should_exit = True
            thread.join()

        started.append((running, thread))
        return Client(server.url(bound, "127.0.0.1"), model, counted, stop)

    yield start
    for running, _ in started:  # all at once: an orderly end takes some time
        running.should_exit = True
    for _, thread in started:
        thread.join()
