"""What can be done with a completed run or an exported file, as commands to paste."""

from __future__ import annotations

# Of a run and of a file, for those tasks whose models are not asked for predictions.
_MADE = {
    "image-generation": "dlcli generate {} --count 64 --output pictures.png",
    "text-generation": "dlcli generate {} --length 1000",
}


def of_completed(reference: str, task: str | None) -> list[str]:
    """The commands that a completed run is for.

    Args:
        reference: finds the run again, fit for a shell.
        task: what it was trained for, where that is known.
    """
    use = _MADE.get(task or "", "dlcli predict {} --split test --limit 5")
    return [
        f"dlcli evaluate {reference}",
        use.format(reference),
        f"dlcli export {reference} --format keras,saved-model,tflite",
        f"dlcli tensorboard {reference}",
    ]


def of_artifact(path: str, task: str | None) -> list[str]:
    """The commands that an exported file is for.

    Args:
        path: the file, fit for a shell.
        task: what it was trained for, where that is known.
    """
    use = _MADE.get(task or "", "dlcli predict {} YOUR-FILE")
    if task == "text-generation" and path.endswith((".onnx", "saved_model")):
        use = 'dlcli predict {} --text "TEXT"'  # these have no steps to generate by
    return [f"dlcli evaluate {path}", use.format(path)]
