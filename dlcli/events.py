"""Events of long-running work, passed to a callback.

The library prints nothing itself: the command line renders these events.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


class Event:
    """Something that happened; each kind of event is a frozen dataclass."""


class Events(Protocol):
    """Takes events as they happen."""

    def __call__(self, event: Event, /) -> None:
        """Take one event."""


def ignore(event: Event) -> None:
    """Take an event that nobody watches."""


@dataclass(frozen=True)
class Started(Event):
    """Training begins or goes on.

    Args:
        num_parameters: weights of the core.
        num_train, num_validation, num_test: examples of the splits.
        epochs: of the recipe.
        epoch: the epoch it starts in, from 0.
        step: steps of that epoch that are done already.
        unit: what examples are called, such as "images".
        monitor: the metric that says which epoch is the best.
        bad_files: files left out, each with the reason.
        is_refit: whether it trains anew on the train and validation splits together.
    """

    run: str
    path: Path
    device: str
    num_parameters: int
    num_train: int
    num_validation: int
    num_test: int
    epochs: int
    epoch: int
    step: int
    steps_per_epoch: int
    unit: str
    monitor: str = ""
    bad_files: tuple[tuple[str, str], ...] = ()
    is_refit: bool = False


@dataclass(frozen=True)
class StepsDone(Event):
    """Some steps of an epoch were taken.

    Args:
        step: steps done in this epoch.
        logs: metrics so far in this epoch.
    """

    epoch: int
    step: int
    logs: dict[str, float]
    examples_per_second: float


@dataclass(frozen=True)
class EpochEnded(Event):
    """An epoch and its validation are over.

    Args:
        row: epoch (from 1), learning_rate, the metrics and, of what is validated, their `val_`
            twins.
        seconds: wall time of the epoch, without that between an interruption and its end.
    """

    row: dict[str, float]
    is_best: bool
    seconds: float
    examples_per_second: float


@dataclass(frozen=True)
class StepsOver(Event):
    """The last epoch is over.

    Args:
        seconds: spent training, of which
        saving_seconds: on checkpoints.
    """

    seconds: float
    saving_seconds: float


@dataclass(frozen=True)
class Stage(Event):
    """Something is going on.

    Args:
        text: what, such as "saving the model".
    """

    text: str
    done: int = 0
    total: int = 0


@dataclass(frozen=True)
class Decoded(Event):
    """Some of the images of a data set were decoded."""

    done: int
    total: int


@dataclass(frozen=True)
class Chosen(Event):
    """What the recipe left open was decided.

    Args:
        key: such as "training.precision".
        value: what it is in the run's recipe.
    """

    key: str
    value: str
    reason: str


@dataclass(frozen=True)
class Warned(Event):
    """A sentence that a user should read: what went wrong and is survived, or was guessed."""

    message: str


def warn(events: Events, messages: Iterable[str]) -> None:
    """Tell sentences that a user should read."""
    for message in messages:
        events(Warned(message))
