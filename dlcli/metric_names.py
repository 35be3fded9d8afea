"""What a metric's name says of its values, how they are written, and how they compare."""

from __future__ import annotations

import math

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


def title(name: str) -> str:
    """A metric's name as a heading: `mean_absolute_error` -> "Mean absolute error"."""
    return outputs.metric(name).heading


def in_a_sentence(name: str) -> str:
    """A metric's name within a sentence: "accuracy", "macro F1", "RMSE"."""
    metric = outputs.metric(name)
    return metric.title or metric.heading.lower()


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
    metric = outputs.metric(name)
    if metric.num_decimals is not None:
        return f"{round(value, metric.num_decimals) + 0:.{metric.num_decimals}f}"  # -0.0 is 0
    if not metric.is_share:
        if 1000 <= abs(value) < 1e9:
            return f"{value:,.0f}"
        return f"{value:.4f}" if value == 0 or 0.001 <= abs(value) < 10 else f"{value:.4g}"
    decimals = 2 if num_examples and num_examples >= 2000 else 1
    text = f"{100 * value:.{decimals}f}"
    if float(text) == 100 and value < 1:  # one mistake in many is not none
        text = f"{100 - 10**-decimals:.{decimals}f}"
    return f"{text} %"
