"""What decides the bits of a result: kept with each checkpoint, compared when training goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dlcli.devices.replicas import Replicas
from dlcli.errors import UsageError
from dlcli.events import Events, Warned
from dlcli.recipe.schema import Recipe, flat

# These change when a training is saved, what of it is shown or how long it may take, or say where
# the data lies, whose fingerprint is compared.
_FREE = {
    "training.checkpoint_minutes", "training.checkpoint_steps", "training.histograms",
    "training.max_minutes", "data.source",
}  # fmt: skip
_FROM_ENVIRONMENT = (
    "dlcli", "python", "tensorflow", "keras", "numpy", "pillow", "device", "devices", "workers",
    "cpu_features", "intra_op_threads", "variables",
)  # fmt: skip
_MACHINE = {"device", "cpu_features", "intra_op_threads"}  # may differ between workers
_NOT_SET = "not set"
_ABSENT = {"devices": 1, "workers": 1}  # what it means where something is not said
_SHA256_CHARACTERS_SHOWN = 12


@dataclass(frozen=True)
class Change:
    """One condition that is not what it was.

    Args:
        name: a name in the run's `environment.json`, or a dotted key of the recipe.
        before, after: the values as text.
    """

    name: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.name}: {self.before} -> {self.after}"


def of(environment: Mapping[str, Any], recipe: Recipe) -> dict[str, Any]:
    """The conditions of a training, by name.

    Args:
        environment: the document of the run's `environment.json`.
    """
    return {
        **of_environment(environment),
        **{
            name: value for name, value in flat(recipe.model_dump(mode="json")) if name not in _FREE
        },
    }


def of_environment(environment: Mapping[str, Any]) -> dict[str, Any]:
    """The part of the conditions that no recipe decides: versions, machine and data."""
    chosen = {name: environment[name] for name in _FROM_ENVIRONMENT if name in environment}
    data = environment.get("data", {})
    chosen["data"] = {name: data[name] for name in ("fingerprint", "examples") if name in data}
    return dict(flat(chosen))


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """What differs between two sets of conditions, in the order of the later one."""
    names = [*after, *(name for name in before if name not in after)]
    pairs = [
        (name, *(values.get(name, _ABSENT.get(name, _NOT_SET)) for values in (before, after)))
        for name in names
    ]
    return [Change(name, *_shown(name, old, new)) for name, old, new in pairs if old != new]


def check_equal(replicas: Replicas, step: int, described: dict[str, Any], events: Events) -> None:
    """See that all workers train the same, from the same step on; all ask together.

    Args:
        step: that this worker goes on from.
        events: told what is another machine, and so may round otherwise.

    Raises:
        UsageError: they do not.
    """
    if len(replicas.workers) == 1:
        return
    own: dict[str, Any] = {"checkpoint at step": step, **described}
    differences = changes(replicas.tell(own), own)
    machine = [change for change in differences if change.name in _MACHINE]
    unequal = [change for change in differences if change.name not in _MACHINE]
    name, first = replicas.workers[replicas.worker], replicas.workers[0]
    if machine and not unequal:
        what = ", ".join(change.name for change in machine)
        events(Warned(f"{name} and {first} are different machines ({what})."))
    others = replicas.gather(float(bool(unequal)))
    if unequal:
        raise UsageError(
            f"{name} would not train what {first} trains ({first} -> {name}):",
            "Give all workers the same command, the same data and the same runs folder.",
            map(str, unequal),
        )
    if any(others):
        names = [name for name, other in zip(replicas.workers, others, strict=True) if other]
        raise UsageError(
            f"{' and '.join(names)} would not train what {first} trains.",
            "What differs stands in the output of each.",
        )


def _shown(name: str, before: Any, after: Any) -> tuple[str, str]:
    if name == "cpu_features" and isinstance(before, list) and isinstance(after, list):
        only_before = [feature for feature in before if feature not in after]
        only_after = [feature for feature in after if feature not in before]
        return " ".join(only_before) or "-", " ".join(only_after) or "-"
    if name == "data.fingerprint":
        return str(before)[:_SHA256_CHARACTERS_SHOWN], str(after)[:_SHA256_CHARACTERS_SHOWN]
    return str(before), str(after)
