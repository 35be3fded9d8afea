"""What is served: an artifact, called by one thread at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dlcli import artifacts, kinds
from dlcli.artifacts import Predictor, probe
from dlcli.errors import UsageError
from dlcli.inputs.examples import Examples
from dlcli.runs import run_dir
from dlcli.serving.batching import Batcher
from dlcli.serving.deadline import Deadline

if TYPE_CHECKING:
    from dlcli.generation.text import Stepper

_SLOTS = 4  # requests whose inputs are prepared at the same time: a large picture takes much memory
_END_SECONDS = 5.0  # for those who wait when the server ends


class Model:
    """An artifact that answers many threads.

    Args:
        name: by which requests call it.
        file: the artifact's own name, for people.
        stepper: of a text generator that can go step by step, its steps; else None.
        max_batch, wait_seconds, observe: see `dlcli.serving.batching.Batcher`.
    """

    def __init__(
        self,
        name: str,
        file: str,
        predictor: Predictor,
        stepper: Stepper | None,
        *,
        max_batch: int,
        wait_seconds: float,
        observe: Callable[[int, float], None] = lambda size, seconds: None,
    ) -> None:
        self.name, self.file = name, file
        self.metadata: dict[str, Any] = predictor.metadata
        self.output = kinds.output_of(self.metadata["task"])
        self._predictor, self.stepper = predictor, stepper
        self.slots = threading.BoundedSemaphore(_SLOTS)
        # LiteRT's interpreters are not to be entered by two threads at once.
        self.calling = threading.Lock()
        self.batcher = Batcher(
            self._call,
            max_batch=max_batch,
            wait_seconds=wait_seconds,
            running=self.output.continues_text,
            observe=observe,
        )

    @property
    def writes_text(self) -> bool:
        """Whether it goes on with a text."""
        return self.stepper is not None

    @property
    def depth(self) -> int:
        """How many requests wait for a call of the model."""
        return self.batcher.depth()

    def warm_up(self) -> None:
        """Answer once: the first answer of a model can take a hundred times as long as others."""
        self._call(probe.example(self.metadata))

    def close(self) -> None:
        """Answer those who wait, and end."""
        self.batcher.close(_END_SECONDS)

    def until(self, deadline: Deadline) -> RequestedModel:
        """The model for the thread of one request; to be used as a context."""
        return RequestedModel(self, deadline)

    def _call(self, raw: Examples) -> np.ndarray:
        with self.calling:
            return np.asarray(self._predictor.predict_batch(raw))


class RequestedModel:
    """A model as one request sees it: a `Predictor`, and a `Stepper` where there is one.

    While it waits for the model, the next request may prepare its inputs.
    """

    def __init__(self, model: Model, deadline: Deadline) -> None:
        self.metadata = model.metadata
        self._model, self._deadline = model, deadline

    def __enter__(self) -> RequestedModel:
        if not self._model.slots.acquire(timeout=self._deadline.remaining()):
            raise TimeoutError
        if not self._deadline.remaining():
            self._model.slots.release()
            raise TimeoutError
        return self

    def __exit__(self, *exception: object) -> None:
        self._model.slots.release()

    def predict_batch(self, raw: Examples) -> np.ndarray:
        """See `dlcli.artifacts.Predictor`.

        Raises:
            TimeoutError: there is no answer before the deadline.
        """
        self._model.slots.release()
        try:
            return self._model.batcher.predict(raw, self._deadline.remaining)
        finally:
            self._model.slots.acquire()

    def start(self, batch_size: int) -> Any:
        """See `dlcli.generation.text.Stepper`."""
        return self._steps().start(batch_size)

    def step(self, token_ids: np.ndarray, state: Any) -> tuple[np.ndarray, Any]:
        """See `dlcli.generation.text.Stepper`.

        Raises:
            TimeoutError: the deadline is over.
        """
        self._deadline.check()
        with self._model.calling:
            return self._steps().step(token_ids, state)

    def _steps(self) -> Stepper:
        if self._model.stepper is None:
            raise RuntimeError("this model does not go step by step")
        return self._model.stepper


def load(path: Path, *, trust: bool = False) -> tuple[Predictor, Stepper | None]:
    """Load an artifact, and of a text generator its steps where its format has them."""
    predictor = artifacts.load(path, trust=trust)
    format_name, _ = artifacts.identify(path)
    if not kinds.output_of(predictor.metadata["task"]).continues_text:
        return predictor, None
    if format_name == "tflite":  # a file of one step
        return predictor, predictor  # type: ignore[return-value]
    if format_name == "keras":
        from dlcli.generation import keras_steps

        return predictor, keras_steps.of(predictor)  # type: ignore[arg-type]
    return predictor, None


def name_of(path: Path, document: dict[str, Any]) -> str:
    """What to call the model of an artifact: alike for a run and for what is exported from it.

    It is the run's name where somebody chose it, else the recipe's.
    """
    recipe_name: str = document["recipe_name"]
    run = run_dir.containing(path)
    if run is None or run_dir.is_default_name(run.name, recipe_name):
        return recipe_name
    return run.name


def check_name(name: str) -> None:
    """See that a name can stand in an address.

    Raises:
        UsageError: it cannot.
    """
    if not name or not name.isprintable() or "/" in name:
        raise UsageError(
            f"{name!r} cannot name a model in an address. Expected some characters, and no '/'.",
            "Choose another one, such as --name digits.",
        )
