"""The result: each metric with its interval, beside validation and simple models, and a verdict."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from dlcli import evaluation
from dlcli.evaluation import bootstrap
from dlcli.evaluation.bootstrap import Difference, Interval
from dlcli.evaluation.predictions import Predictions
from dlcli.metric_names import (
    beside,
    best_baseline,
    confusions,
    format_metric,
    is_better,
    is_level,
    is_share,
    lowest_f1_first,
    title,
)

_BITS = "bits"
_MAX_CONFUSIONS = 6


def of(
    metrics: dict[str, Any], kept: Predictions | None, metadata: Mapping[str, Any]
) -> dict[str, Any]:
    """The figures of the test split.

    Args:
        metrics: what `metrics.json` holds.
        kept: answers to the test split, or None; without them there are no intervals.
        metadata: the model's.

    Returns:
        `monitor` and its `headline`; `rows`, a metric each; `baselines`, their names;
        `verdict`, a sentence with its `tone`; and `method`, how the intervals were made.
    """
    test, monitor = metrics["test"], metrics["monitor"]
    module = evaluation.of(metadata["task"])
    found: dict[str, Interval] = {}
    block = 1
    if kept:
        block = block_length(metadata, len(kept))
        found = bootstrap.intervals(kept.terms, module.from_means, block)
    names = [name for name, value in test.items() if isinstance(value, float)]
    names.sort(key=lambda name: name != monitor)
    rows = [_row(name, metrics, found.get(name)) for name in names]
    if metadata["task"] == "text-generation":
        rows[0]["title"] += " (nats a character)"
        rows.insert(1, _in_bits(rows[0]))
    return {
        "monitor": monitor,
        "examples": test["examples"],
        "headline": rows[0],
        "rows": rows,
        "baselines": [baseline["name"] for baseline in metrics["baselines"]],
        "verdict": _verdict(metrics, kept, module, block),
        "method": _method(test["examples"], block) if found else "",
        "per_target": _per_target(test.get("per_target", [])),
        "per_step": test.get("per_step", []),
    }


def block_length(metadata: Mapping[str, Any], num_examples: int) -> int:
    """How many neighbouring examples a bootstrap takes together; see `dlcli.evaluation.bootstrap`.

    Args:
        metadata: the model's.
        num_examples: of the split, or of a part of it.
    """
    horizon = metadata["forecast"]["horizon"] if metadata.get("forecast") else 1
    return bootstrap.block_length(metadata["task"], num_examples, horizon)


def classes(test: dict[str, Any]) -> dict[str, Any]:
    """Figures of each class, the lowest F1 first, and what was taken for what most often."""
    measured = test.get("per_class", [])
    rows = [
        {
            "name": each["class"],
            "examples": each["examples"],
            **{
                name: {"value": each[name], "text": format_metric(name, each[name])}
                for name in ("precision", "recall", "f1")
            },
        }
        for each in (measured[place] for place in lowest_f1_first(measured))
    ]
    return {
        "rows": rows,
        "confusions": [
            {
                "count": count,
                "true": measured[true]["class"],
                "predicted": measured[taken]["class"],
            }
            for count, true, taken in confusions(test.get("confusion", []))[:_MAX_CONFUSIONS]
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


def _in_bits(row: dict[str, Any]) -> dict[str, Any]:
    """The loss in bits a character: what an ideal compressor would need with these answers."""

    def bits(cell: dict[str, Any]) -> dict[str, Any]:
        value = None if cell["value"] is None else cell["value"] / math.log(2)
        return {"value": value, "text": format_metric(_BITS, value)}

    interval = row["interval"] and [bound / math.log(2) for bound in row["interval"]]
    return {
        "name": _BITS,
        "title": "Bits a character",
        "test": bits(row["test"]),
        "interval": interval,
        "interval_text": written(_BITS, Interval(*interval), None) if interval else "",
        "validation": bits(row["validation"]),
        "baselines": [bits(cell) for cell in row["baselines"]],
    }


def _verdict(
    metrics: dict[str, Any], kept: Predictions | None, module: Any, block: int
) -> dict[str, Any]:
    """Whether the model beats its best baseline, as a sentence."""
    baseline, monitor = best_baseline(metrics), metrics["monitor"]
    value, num_examples = metrics["test"][monitor], metrics["test"]["examples"]
    if not baseline:
        return {"tone": "even", "text": "There is no simple model to compare with."}
    name, bound = baseline["name"], baseline[monitor]
    difference: Difference | None = None
    if kept and name in kept.baselines:
        difference = bootstrap.difference(
            kept.terms, kept.baselines[name], module.from_means, monitor, block
        )
        level = difference.interval.holds(0)
    else:
        level = is_level(monitor, value, bound, num_examples)
    if level:
        verb = "is neither clearly better nor clearly worse than" if difference else "is level with"
        tone = "even"
    elif is_better(monitor, value, bound):
        verb, tone = "beats", "good"
    else:
        verb, tone = "does not beat", "bad"
    which = "best of its simple models" if len(metrics["baselines"]) > 1 else "simple model"
    text = f"The model {verb} the {which}: {beside(monitor, value, baseline, num_examples)}"
    if difference:
        text += f" {_apart(difference, monitor)}"
    if "real_halves_distance" in metrics["test"]:
        halves = format_metric("frechet_distance", metrics["test"]["real_halves_distance"])
        text += (
            f" Two halves of the real pictures are {halves} apart: chance alone gives that much."
        )
    return {
        "tone": tone,
        "text": text,
        "baseline": name,
        "difference": difference.value if difference else None,
        "interval": [difference.interval.low, difference.interval.high] if difference else None,
    }


def _apart(difference: Difference, monitor: str) -> str:
    interval = difference.interval
    if is_share(monitor):
        value, low, high = (100 * each for each in (difference.value, interval.low, interval.high))
        return f"The difference is {value:+.1f} points (95 % interval {low:+.1f} to {high:+.1f})."
    return (
        f"The difference is {difference.value:+.4g} (95 % interval {interval.low:+.4g} to "
        f"{interval.high:+.4g})."
    )


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
