"""What can be done with a completed run and its exports, as commands to paste."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dlcli import kinds
from dlcli.runs import verdict


def of_completed(reference: str, task: str | None) -> list[str]:
    """The commands that a completed run is for."""
    if options := _generate_options(task):
        use = [f"dlcli generate {reference} {options}"]
    else:
        use = [
            f"dlcli predict {reference} --split test --limit 5",
            f"dlcli explain {reference} --mistakes --limit 5",
        ]
    return [
        f"dlcli report {reference} --open",
        f"dlcli evaluate {reference}",
        *use,
        f"dlcli export {reference} --format keras,saved-model,tflite",
        f"dlcli tensorboard {reference}",
    ]


def of_exported(path: str, task: str | None) -> list[str]:
    """The commands that an exported file is for."""
    use = f"generate {path}" if _generate_options(task) else f"predict {path} YOUR-FILE"
    return [f"dlcli evaluate {path}", f"dlcli {use}"]


def mirroring_hint(metrics: dict[str, Any], recipe: Mapping[str, Any]) -> str:
    """The override to try where nothing was learned from mirrored images; else ""."""
    is_mirrored = recipe.get("augmentation", {}).get("horizontal_flip") is True
    if not is_mirrored or verdict.of(metrics).get("outcome", "better") == "better":
        return ""
    return (
        "Images were mirrored during training. If left and right matter in them, train with: "
        "augmentation.horizontal_flip=false"
    )


def _generate_options(task: str | None) -> str:
    """Of `dlcli generate`, for a model that does; "" of other tasks and unknown ones."""
    return kinds.output_of(task).generate_options if task in kinds.tasks() else ""
