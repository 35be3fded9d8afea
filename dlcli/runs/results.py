"""What `metrics.json` says of a run: its best baseline, the epoch it kept, what it confuses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dlcli.metric_names import format_metric, in_a_sentence, is_better


def best_baseline(metrics: Mapping[str, Any]) -> dict[str, Any]:
    """The baseline that is hardest to beat, by the metric that the run is judged by, or {}.

    Args:
        metrics: what `metrics.json` holds; whatever is missing or damaged does not count. A verdict
            in it says which one that is: its metric may be one that this version does not know.
    """
    monitor, baselines = metrics.get("monitor"), metrics.get("baselines")
    verdict = metrics.get("verdict")
    named = verdict.get("baseline") if isinstance(verdict, dict) else None
    best: dict[str, Any] = {}
    for baseline in baselines if isinstance(baselines, list) else []:
        value = baseline.get(monitor) if isinstance(baseline, dict) else None
        if not isinstance(value, float) or not isinstance(monitor, str):
            continue
        if baseline.get("name") == named is not None:
            return dict(baseline)
        if not best or is_better(monitor, value, best[monitor]):
            best = baseline
    return best


def kept(metrics: dict[str, Any]) -> str:
    """Which model a training kept, as a clause; "" where that is not known.

    Args:
        metrics: what `metrics.json` holds; whatever is missing or damaged does not count.
    """
    epoch, chosen, refit = (metrics.get(name) for name in ("best_epoch", "chosen_by", "refit"))
    if not isinstance(epoch, int):
        return ""
    if not isinstance(chosen, dict) or not isinstance(chosen.get("validation"), float):
        return f"the best was epoch {epoch}"  # of dlcli 0.1
    name, value = str(chosen.get("metric")), chosen["validation"]
    extreme = "highest" if chosen.get("higher_is_better") else "lowest"
    why = f"{extreme} validation {in_a_sentence(name)}, {format_metric(name, value)}"
    if not isinstance(refit, dict):
        return f"epoch {epoch} was kept ({why})"
    return (
        f"epoch {epoch} was the best ({why}); the model that was kept was trained anew for "
        f"{_count(refit.get('epochs'), 'epoch')} on the train and validation splits together, "
        f"{_count(refit.get('examples'), 'example')}"
    )


def figures_of_classes(per_class: list[dict[str, Any]]) -> list[str]:
    """Names of the figures of each class in `metrics.json`, but for the number of examples."""
    return [name for name in per_class[0] if name not in {"class", "examples"}] if per_class else []


def lowest_f1_first(per_class: list[dict[str, Any]]) -> list[int]:
    """Positions of the classes in `metrics.json`; those without an F1 come last."""
    return sorted(
        range(len(per_class)),
        key=lambda place: 2.0 if per_class[place]["f1"] is None else per_class[place]["f1"],
    )


def confusion_counts(test: dict[str, Any]) -> list[tuple[int, int, int]]:
    """How often examples of one class were taken for another, or for their own.

    Args:
        test: what `metrics.json` holds of a split; without classes there is nothing.

    Returns:
        (true class, predicted class, examples), of those with examples.
    """
    if "confusion_counts" in test:
        return [(true, taken, count) for true, taken, count in test["confusion_counts"]]
    return [
        (true, taken, count)
        for true, row in enumerate(test.get("confusion", []))
        for taken, count in enumerate(row)
        if count
    ]


def confusions(test: dict[str, Any]) -> list[tuple[int, int, int]]:
    """What was taken for something else, the most often first.

    Returns:
        (examples, their class, what they were taken for).
    """
    mistakes = [
        (count, true, taken) for true, taken, count in confusion_counts(test) if true != taken
    ]
    return sorted(mistakes, key=lambda mistake: -mistake[0])


def _count(number: Any, unit: str) -> str:
    """A number of things: "1 epoch", "1,200 examples"."""
    shown = f"{number:,}" if isinstance(number, int) else str(number)
    return f"{shown} {unit}{'s' * (number != 1)}"
