"""The verdict on a run: whether its model beats the best baseline.

It is computed once, when the test split is measured, and kept in `metrics.json`; the terminal,
the report and the model card say what stands there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from dlcli import outputs
from dlcli.metric_names import chance, format_metric, in_a_sentence, is_better, is_level
from dlcli.runs.results import best_baseline

Outcome = Literal["better", "level", "worse"]
OUTCOMES: tuple[Outcome, ...] = ("better", "level", "worse")
TONES: Mapping[Outcome, str] = {"better": "good", "level": "even", "worse": "bad"}
_VERBS: Mapping[Outcome, str] = {
    "better": "beats",
    "level": "is level with",
    "worse": "does not beat",
}


def document(
    metrics: Mapping[str, Any],
    difference: float | None = None,
    interval: tuple[float, float] | None = None,
) -> dict[str, Any]:
    """Judge a model against its best baseline, as `metrics.json` keeps it.

    Args:
        difference: of the monitor, the model's less the best baseline's, where the two were
            compared example by example.
        interval: 95 % interval of the difference. The two are level where it holds 0; without an
            interval, by `metric_names.is_level`.

    Returns:
        `baseline`, its name; `outcome`, see `OUTCOMES`; `difference` and `interval`, or None.
        {} where there is no baseline or no result.
    """
    baseline, monitor = best_baseline(metrics), metrics.get("monitor", "")
    test = metrics.get("test")
    if not isinstance(test, dict):
        return {}
    value = test.get(monitor)
    if not baseline or not isinstance(value, float):
        return {}
    bound = baseline[monitor]
    if interval is not None:
        level = interval[0] <= 0 <= interval[1]
    else:
        level = is_level(monitor, value, bound, test.get("examples"))
    outcome: Outcome = (
        "level" if level else "better" if is_better(monitor, value, bound) else "worse"
    )
    return {
        "baseline": baseline["name"],
        "outcome": outcome,
        "difference": difference,
        "interval": None if interval is None else list(interval),
    }


def of(metrics: Mapping[str, Any]) -> dict[str, Any]:
    """The verdict in `metrics.json`; that of an older run, which has none, is judged now."""
    stored = metrics.get("verdict")
    if isinstance(stored, dict) and stored.get("outcome") in OUTCOMES:
        return stored
    return document(metrics)


def sentence(metrics: Mapping[str, Any]) -> str:
    """The verdict as people read it, or "" where there is none."""
    found = of(metrics)
    if not found:
        return ""
    baseline, monitor = best_baseline(metrics), metrics["monitor"]
    value, num_examples = metrics["test"][monitor], metrics["test"].get("examples")
    which = "best baseline" if len(metrics["baselines"]) > 1 else "baseline"
    text = (
        f"The model {_VERBS[found['outcome']]} its {which}: "
        f"{in_a_sentence(monitor)} {format_metric(monitor, value, num_examples)}, where the "
        f"{baseline.get('name')} reaches {format_metric(monitor, baseline[monitor], num_examples)}."
    )
    if found["interval"]:
        return f"{text} {_apart(found, monitor)}"
    if found["outcome"] == "level" and outputs.metric(monitor).is_share and num_examples:
        points = 100 * chance(monitor, baseline[monitor], num_examples)
        text += (
            f" With {num_examples:,} examples, differences under {points:.1f} points may be chance."
        )
    return text


def _apart(found: Mapping[str, Any], monitor: str) -> str:
    is_share = outputs.metric(monitor).is_share
    times, digits, unit = (100, "+.1f", " points") if is_share else (1, "+.4g", "")
    values = (found["difference"], *found["interval"])
    value, low, high = (format(times * each, digits) for each in values)
    return f"The difference is {value}{unit} (95 % interval {low} to {high})."
