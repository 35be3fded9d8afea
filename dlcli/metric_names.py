"""What a metric's name says of its values, how they are written, and how they compare."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from dlcli import outputs

_LEVEL = 0.005  # of a value: closer than that is level, whatever the metric
_ROUNDING = 1e-12  # of standard scores: errors of a millionth of them are those of float32


def is_better(name: str, value: float, than: float) -> bool:
    """Whether a value of a metric is better than another one."""
    return value > than if outputs.metric(name).higher_is_better else value < than


def is_level(name: str, value: float, bound: float, num_examples: int | None) -> bool:
    """Whether a value is as near to another one as chance may bring it."""
    return abs(value - bound) <= chance(name, bound, num_examples)


def chance(name: str, bound: float, num_examples: int | None) -> float:
    """How far from a value another one may be by chance.

    Two standard errors of a share's estimate; of any other metric, half a per cent.
    """
    level = _LEVEL * abs(bound)
    metric = outputs.metric(name)
    if metric.is_scaled:
        level = max(level, _ROUNDING)
    if metric.is_share and num_examples and 0 <= bound <= 1:
        return max(level, 2 * math.sqrt(bound * (1 - bound) / num_examples))
    return level


def best_baseline(metrics: Mapping[str, Any]) -> dict[str, Any]:
    """The baseline that is hardest to beat, by the metric that the run is judged by, or {}.

    Args:
        metrics: what `metrics.json` holds; whatever is missing or damaged does not count.
    """
    monitor, baselines = metrics.get("monitor"), metrics.get("baselines")
    best: dict[str, Any] = {}
    for baseline in baselines if isinstance(baselines, list) else []:
        value = baseline.get(monitor) if isinstance(baseline, dict) else None
        if not isinstance(value, float) or not isinstance(monitor, str):
            continue
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
        f"{count(refit.get('epochs'), 'epoch')} on the train and validation splits together, "
        f"{count(refit.get('examples'), 'example')}"
    )


def count(number: Any, unit: str) -> str:
    """A number of things: "1 epoch", "1,200 examples"."""
    shown = f"{number:,}" if isinstance(number, int) else str(number)
    return f"{shown} {unit}{'s' * (number != 1)}"


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

    Args:
        test: see `confusion_counts`.

    Returns:
        (examples, their class, what they were taken for).
    """
    mistakes = [
        (count, true, taken) for true, taken, count in confusion_counts(test) if true != taken
    ]
    return sorted(mistakes, key=lambda mistake: -mistake[0])


def title(name: str) -> str:
    """A metric's name as a heading: `mean_absolute_error` -> "Mean absolute error"."""
    return outputs.metric(name).heading


def in_a_sentence(name: str) -> str:
    """A metric's name within a sentence: "accuracy", "RMSE"."""
    metric = outputs.metric(name)
    return metric.title or metric.heading.lower()


def beside(
    name: str, value: float, baseline: dict[str, Any], num_examples: int | None = None
) -> str:
    """A result beside that of a baseline, as the end of a sentence."""
    return (
        f"{in_a_sentence(name)} {format_metric(name, value, num_examples)}, where the "
        f"{baseline.get('name')} reaches {format_metric(name, baseline[name], num_examples)}."
    )


def figure(value: float) -> str:
    """A loss or metric with four decimals, or as `1.2e-09` where these would say nothing."""
    return f"{value:.4f}" if value == 0 or 5e-5 <= abs(value) < 1e9 else f"{value:.4g}"


def format_metric(name: str, value: float | None, num_examples: int | None = None) -> str:
    """A metric as people read it: a share in per cent, all else as a number.

    Args:
        name: of the metric, such as "accuracy".
        value: None where it is undefined.
        num_examples: how many it was measured on; one example of few is many per cent, so
            that decimals would say nothing.
    """
    if value is None:
        return "-"
    if name == "r2":
        return f"{round(value, 4) + 0:.4f}"  # -0.0 is 0
    if not outputs.metric(name).is_share:
        if 1000 <= abs(value) < 1e9:
            return f"{value:,.0f}"
        return f"{value:.4f}" if value == 0 or 0.001 <= abs(value) < 10 else f"{value:.4g}"
    decimals = 2 if num_examples and num_examples >= 2000 else 1
    text = f"{100 * value:.{decimals}f}"
    if float(text) == 100 and value < 1:  # one mistake in many is not none
        text = f"{100 - 10**-decimals:.{decimals}f}"
    return f"{text} %"
