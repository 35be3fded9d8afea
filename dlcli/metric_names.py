"""What a metric's name says of its values."""

from __future__ import annotations

from typing import Any

_SHARES = {"accuracy", "precision", "recall", "f1"}


def is_share(name: str) -> bool:
    """Whether a metric is a share of examples: shown in per cent, and better when higher."""
    return name in _SHARES or name.endswith("_accuracy")


def is_better(name: str, value: float, than: float) -> bool:
    """Whether a value is better: shares should be high, losses and errors low."""
    return value > than if is_share(name) else value < than


def best_baseline(metrics: dict[str, Any]) -> dict[str, Any]:
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
