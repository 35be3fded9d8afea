"""The result: each metric with its interval, beside validation and simple models, and a verdict."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from dlcli import evaluation
from dlcli.evaluation import bootstrap
from dlcli.evaluation.bootstrap import Interval
from dlcli.evaluation.predictions import Predictions
from dlcli.metric_names import format_metric, title
from dlcli.reporting import outputs
from dlcli.runs import verdict
from dlcli.runs.results import confusions, figures_of_classes, lowest_f1_first

_MAX_CONFUSIONS = 6


def of(
    metrics: dict[str, Any], kept: Predictions | None, metadata: Mapping[str, Any]
) -> dict[str, Any]:
    """The figures of the test split.

    Args:
        kept: answers to the test split, or None; without them there are no intervals.

    Returns:
        `monitor` and its `headline`; `rows`, a metric each; `baselines`, their names;
        `verdict`, a sentence with its `tone`; and `method`, how the intervals were made.
    """
    test, monitor = metrics["test"], metrics["monitor"]
    module = evaluation.of(metadata["task"])
    found: dict[str, Interval] = {}
    block = 1
    if kept:
        block = bootstrap.block_length_of(metadata, len(kept))
        found = bootstrap.intervals(kept.terms, module.from_means, block)
    names = [name for name, value in test.items() if isinstance(value, float)]
    names.sort(key=lambda name: name != monitor)
    rows = [_row(name, metrics, found.get(name)) for name in names]
    result = {
        "monitor": monitor,
        "examples": test["examples"],
        "headline": rows[0],
        "rows": rows,
        "baselines": [baseline["name"] for baseline in metrics["baselines"]],
        "verdict": _verdict(metrics),
        "method": _method(test["examples"], block) if found else "",
        "per_target": _per_target(test.get("per_target", [])),
        "per_step": test.get("per_step", []),
    }
    if complete := outputs.of(metadata["task"]).complete:
        complete(result, test)
    return result


def classes(test: dict[str, Any]) -> dict[str, Any]:
    """Figures of each class, the lowest F1 first, and what was taken for what most often."""
    measured = test.get("per_class", [])
    names = figures_of_classes(measured)
    rows = [
        {
            "name": each["class"],
            "examples": each["examples"],
            "figures": [
                {"name": name, "value": each[name], "text": format_metric(name, each[name])}
                for name in names
            ],
        }
        for each in (measured[place] for place in lowest_f1_first(measured))
    ]
    return {
        "headings": list(map(title, names)),
        "rows": rows,
        "confusions": [
            {
                "count": count,
                "true": measured[true]["class"],
                "predicted": measured[taken]["class"],
            }
            for count, true, taken in confusions(test)[:_MAX_CONFUSIONS]
        ],
    }


def written(name: str, interval: Interval | None, num_examples: int | None) -> str:
    """An interval as people read it, or "" where there is none."""
    if interval is None:
        return ""
    low, high = (
        format_metric(name, value, num_examples) for value in (interval.low, interval.high)
    )
    if low.endswith(" %"):
        low = low.removesuffix(" %")
    return f"{low} to {high}"


def _row(name: str, metrics: dict[str, Any], interval: Interval | None) -> dict[str, Any]:
    test = metrics["test"]
    num_examples = test["examples"]
    return {
        "name": name,
        "title": title(name),
        "test": _cell(name, test[name], num_examples),
        "interval": [interval.low, interval.high] if interval else None,
        "interval_text": written(name, interval, num_examples),
        "validation": _cell(name, metrics["validation"].get(name), num_examples),
        "baselines": [
            _cell(name, baseline.get(name), num_examples) for baseline in metrics["baselines"]
        ],
    }


def _cell(name: str, value: float | None, num_examples: int) -> dict[str, Any]:
    if value is not None and not math.isfinite(value):
        value = None
    return {"value": value, "text": format_metric(name, value, num_examples)}


def _verdict(metrics: dict[str, Any]) -> dict[str, Any]:
    """Whether the model beats its best baseline, as a sentence with its tone."""
    judged = verdict.of(metrics)
    if not judged:
        return {"tone": "even", "text": "There is no baseline to compare with."}
    tone = verdict.TONES[judged["outcome"]]
    return {**judged, "tone": tone, "text": verdict.sentence(metrics)}


def _method(num_examples: int, block: int) -> str:
    drawn = (
        f"blocks of {block:,} neighbouring ones, as they overlap or depend on each other"
        if block > 1
        else "one by one"
    )
    return (
        f"95 % intervals by the bootstrap: the {num_examples:,} test examples drawn anew "
        f"{bootstrap.NUM_RESAMPLES:,} times ({drawn}; seed {bootstrap.SEED}). They tell of the "
        "chance in which examples were tested, not of that in another training."
    )


def _per_target(targets: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "name": each["target"],
            "figures": [
                {"title": title(name), "value": value, "text": format_metric(name, value)}
                for name, value in each.items()
                if name != "target"
            ],
        }
        for each in targets
    ]
