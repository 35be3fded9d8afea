"""Tables of results, as train, evaluate and `runs show` print them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

_CLASSES_SHOWN_IN_FULL = 20
_WORST_CLASSES_SHOWN = 10
_SHARES = {"accuracy", "precision", "recall", "f1"}


def test_table(metrics: dict[str, Any]) -> RenderableType:
    """The result on the test split beside the validation split and the baseline.

    Args:
        metrics: what `metrics.json` holds; all but "test" may be missing.
    """
    from rich.console import Group

    test, baseline = metrics.get("test", {}), metrics.get("baseline", {})
    columns = {
        "Test": test,
        "Validation": metrics.get("validation", {}),
        f"Baseline ({baseline.get('name', 'unnamed')})": baseline,
    }
    columns = {heading: values for heading, values in columns.items() if values}
    table = _table()
    table.add_column()
    for heading in columns:
        table.add_column(heading, justify="right")
    num_examples = test.get("examples")
    names = [name for name, value in test.items() if isinstance(value, float)]
    for name in sorted(names, key=lambda name: name != metrics.get("monitor", "accuracy")):
        cells = (format_metric(name, values.get(name), num_examples) for values in columns.values())
        table.add_row(title(name), *cells)
    if num_examples is not None:
        table.add_row("Examples", f"{num_examples:,}")
    warning = _not_beaten(metrics)
    return Group("", table, *([_sentence(warning, "yellow")] if warning else []))


def per_class_table(metrics: dict[str, Any]) -> RenderableType:
    """How well each class is told from the others, the worst first.

    Args:
        metrics: what `metrics.json` holds; without classes, nothing is shown.
    """
    from rich.console import Group
    from rich.text import Text

    test = metrics.get("test", {})
    classes = test.get("per_class", [])
    mistaken = _mistaken_for(classes, test.get("confusion", []))
    order = sorted(range(len(classes)), key=lambda index: _badness(classes[index]))
    if len(order) > _CLASSES_SHOWN_IN_FULL:
        order = order[:_WORST_CLASSES_SHOWN]
    table = _table()
    table.add_column("Class", overflow="fold", ratio=2)
    for heading in ("Precision", "Recall", "F1", "Examples"):
        table.add_column(heading, justify="right", no_wrap=True)
    if mistaken:
        table.add_column("Mistaken for", overflow="fold", ratio=2)
    for index in order:
        measured = classes[index]
        num_examples = measured["examples"]
        shares = (
            format_metric(name, measured[name], num_examples)
            for name in ("precision", "recall", "f1")
        )
        table.add_row(
            Text(printable(measured["class"])),
            *shares,
            f"{num_examples:,}",
            *([Text(mistaken[index])] if mistaken else []),
        )
    if not classes:
        return Group()
    if len(order) < len(classes):
        text = f"The {len(order)} classes with the lowest F1, of {len(classes):,}, worst first."
    else:
        text = "Lowest F1 first."
    return Group("", table, _sentence(text, "dim"))


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
    if not is_share(name):
        if abs(value) >= 1000:
            return f"{value:,.0f}"
        return f"{value:.4f}" if value == 0 or 0.001 <= abs(value) < 10 else f"{value:.4g}"
    decimals = 2 if num_examples and num_examples >= 2000 else 1
    text = f"{100 * value:.{decimals}f}"
    if float(text) == 100 and value < 1:  # one mistake in many is not none
        text = f"{100 - 10**-decimals:.{decimals}f}"
    return f"{text} %"


def is_share(name: str) -> bool:
    """Whether a metric is a share of examples: shown in per cent, and better when higher."""
    return name in _SHARES or name.endswith("_accuracy")


def printable(text: str) -> str:
    """A name as one line; a folder's name may hold line breaks and control characters."""
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text
    )


def _not_beaten(metrics: dict[str, Any]) -> str:
    """Says that the model is no better than its baseline; "" where it is, or there is none."""
    baseline, monitor = metrics.get("baseline", {}), metrics.get("monitor", "")
    result, bound = metrics.get("test", {}).get(monitor), baseline.get(monitor)
    if result is None or bound is None:
        return ""
    if result > bound if is_share(monitor) else result < bound:
        return ""
    num_examples = metrics["test"].get("examples")
    return (
        f"The model does not beat its baseline: {title(monitor).lower()} "
        f"{format_metric(monitor, result, num_examples)}, where the {baseline.get('name')} "
        f"reaches {format_metric(monitor, bound, num_examples)}."
    )


def _mistaken_for(classes: list[dict[str, Any]], confusion: list[list[int]]) -> list[str]:
    """For each class, the class that its examples were most often taken for."""
    texts = []
    for index, row in enumerate(confusion):
        count, other = max(
            ((count, other) for other, count in enumerate(row) if other != index),
            key=lambda pair: pair[0],
            default=(0, 0),
        )
        name = printable(classes[other]["class"]) if count else ""
        texts.append(f"{name} ({count:,})" if count else "")
    return texts


def _badness(measured: dict[str, Any]) -> float:
    """Key to sort by: the lowest F1 first, classes without one last."""
    f1: float | None = measured["f1"]
    return 2.0 if f1 is None else f1


def _table() -> Table:
    from rich import box
    from rich.table import Table

    return Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)


def title(name: str) -> str:
    """A metric's name as a heading: `mean_absolute_error` -> "Mean absolute error"."""
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:]


def _sentence(text: str, style: str) -> RenderableType:
    from rich.text import Text

    return Text(f"\n{text}", style=style)
