"""All that a report says of a run, read from its directory: numbers, and how they are written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from dlcli import files, kinds, quantities
from dlcli.artifacts import metadata as artifact_metadata
from dlcli.errors import UsageError
from dlcli.evaluation import predictions
from dlcli.inputs import affine
from dlcli.reporting import calibrated, examples, outputs, results, slices, usage
from dlcli.runs import documents, summary
from dlcli.runs.results import kept as kept_epoch
from dlcli.runs.run_dir import RunDir


def gather(run: RunDir) -> dict[str, Any]:
    """Read a completed run.

    Args:
        run: with its metrics at least; what else is missing is left out.

    Returns:
        A JSON document; every figure in it is of `metrics.json`, or made of the predictions
        that the run kept.

    Raises:
        UsageError: the run is not completed.
        DlcliError: a file is damaged.
    """
    if not run.metrics.exists():
        raise UsageError(
            f"run {run.name} is not completed, so there is nothing to report yet.",
            f"Go on with it: dlcli train --resume {run.reference()}",
        )
    metrics = documents.metrics(run)
    environment = documents.or_empty(documents.environment, run)
    metadata = artifact_metadata.of_run(run)
    kept = predictions.read(run)
    task = metadata["task"]
    output = kinds.output_of(task)
    took = timing(run)
    found: dict[str, Any] = {
        "run": run.name,
        "recipe_name": metadata["recipe_name"],
        "task": task,
        "answer": output.name,
        "unit": kinds.for_task(task).unit,
        "target": metadata["target"],
        "created": environment.get("created", ""),
        "about": _about(environment, metadata, metrics, took.get("text")),
        "notes": [] if kept or not output.per_example else [_NOT_KEPT],
        "result": results.of(metrics, kept, metadata),
        "classes": results.classes(metrics["test"]),
        "calibration": calibrated.of(kept),
        "slices": slices.of(kept, metrics, metadata),
        "worst": examples.worst(run, kept, metadata),
        "sample": _text(examples.sample_of(run)),
        "timing": took,
        "environment": _environment(environment),
        "usage": usage.of(run, task, environment),
        "exports": usage.exports(run),
        "kept": kept_epoch(metrics),
        "recipe": _text(run.recipe),
        "metrics": metrics,
    }
    return found


_NOT_KEPT = (
    "This run was trained by a dlcli that did not keep its answers example by example: there are "
    "no intervals, no slices and no mistakes to show. Training it again keeps them."
)


def timing(run: RunDir) -> dict[str, Any]:
    """How long the epochs took; {} where that was not written down."""
    rows = summary.timing(run.timing)
    if not rows:
        return {}
    seconds = sum(row["seconds"] for row in rows)
    saving = sum(row["checkpoint_seconds"] for row in rows)
    speeds = sorted(row["examples_per_second"] for row in rows)
    return {
        "epochs": len(rows),
        "seconds": seconds,
        "text": quantities.duration(seconds),
        "first_epoch": quantities.duration(rows[0]["seconds"]),
        "median_speed": speeds[len(speeds) // 2],
        "checkpoint_seconds": saving,
        "checkpoints": quantities.duration(saving),
    }


def _about(
    environment: dict[str, Any], metadata: dict[str, Any], metrics: dict[str, Any], took: str | None
) -> list[tuple[str, str]]:
    """What was trained on what, one fact a pair; what is not known is left out."""
    data = environment.get("data", {})
    recipe = metadata["recipe"]
    counted = data.get("examples", {})
    unit = kinds.for_task(metadata["task"]).unit
    model = dict(recipe["model"])
    family = model.pop("family")
    training = recipe["training"]
    facts = {
        "Task": metadata["task"].replace("-", " "),
        "Data": str(Path(str(data["source"])).name) if data.get("source") else "",
        "Examples": ", ".join(f"{count:,} {split}" for split, count in counted.items())
        + (f" ({unit})" if counted else ""),
        "Left out": f"{len(data['bad_files']):,} unreadable" if data.get("bad_files") else "",
        "Predicts": metadata["target"]
        or outputs.of(metadata["task"]).PREDICTS.format(len(metadata["class_names"])),
        "Shifted and scaled": "; ".join(
            f"{name} (offset {offset!r}, scale {scale!r})"
            for name, offset, scale in affine.from_metadata(metadata).named()
        ),
        "Model": f"{family}, {environment['parameters']:,} weights"
        if "parameters" in environment
        else family,
        "Settings": _settings(model),
        "Training": f"{metrics['epochs']} epoch{'s' * (metrics['epochs'] > 1)}"
        + (f" in {took}" if took else "")
        + (f" on {environment['device']}" if "device" in environment else "")
        + f"; {kept_epoch(metrics)}",
        "Optimizer": f"{training['optimizer']}, learning rate {training['learning_rate']:g} "
        f"({training['schedule']}), batches of {training['batch_size']}",
        "Seed": str(training["seed"]),
    }
    return [(name, value) for name, value in facts.items() if value]


def _settings(model: dict[str, Any]) -> str:
    shown = (
        f"{name} {yaml.safe_dump(value, default_flow_style=True, width=10**6).split(chr(10))[0]}"
        for name, value in model.items()
        if value not in (None, False, 0, 0.0, [])
    )
    return ", ".join(shown)


def _environment(environment: dict[str, Any]) -> list[tuple[str, str]]:
    names = ("dlcli", "python", "tensorflow", "keras", "numpy", "pillow", "platform", "device")
    facts = {
        **{name: environment.get(name) for name in names},
        "git commit": environment.get("git_commit"),
        "data fingerprint": environment.get("data", {}).get("fingerprint"),
        "begun": environment.get("created"),
    }
    return [(name, str(value)) for name, value in facts.items() if value]


def _text(path: Path) -> str:
    try:
        return files.plain(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
