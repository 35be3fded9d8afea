"""Tables of results, as train, evaluate and `runs show` print them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dlcli.metric_names import (
    beside,
    best_baseline,
    chance,
    format_metric,
    is_better,
    is_level,
    is_share,
    kept,
    lowest_f1_first,
    title,
)

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

_CLASSES_SHOWN_IN_FULL = 20
_WORST_CLASSES_SHOWN = 10


def result_table(metrics: dict[str, Any], measured_on: str = "Test") -> RenderableType:
    """The result on the test split beside the validation split and the baselines.

    Args:
        metrics: what `metrics.json` holds; all but "test" may be missing.
        measured_on: heads the result, where it is that of other data.
    """
    from rich.console import Group

    test = metrics.get("test", {})
    columns = {measured_on: test, "Validation": metrics.get("validation", {})}
    for baseline in metrics.get("baselines", []):
        columns[f"Baseline ({baseline.get('name', 'unnamed')})"] = baseline
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
    return Group(
        "", table, *_verdict(metrics), *_kept(metrics), *_per_target(test.get("per_target", []))
    )


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
    order = lowest_f1_first(classes)
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


def printable(text: str) -> str:
    """A name as one line; a folder's name may hold line breaks and control characters."""
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text
    )


def _verdict(metrics: dict[str, Any]) -> list[RenderableType]:
    """Whether the model beats its best baseline, in a sentence; none without a baseline."""
    baseline, monitor = best_baseline(metrics), metrics.get("monitor", "")
    result = metrics.get("test", {}).get(monitor)
    if result is None or not baseline:
        return []
    bound, num_examples = baseline[monitor], metrics["test"].get("examples")
    level = is_level(monitor, result, bound, num_examples)
    if level:
        verb, style = "is level with", "yellow"
    elif is_better(monitor, result, bound):
        verb, style = "beats", "green"
    else:
        verb, style = "does not beat", "yellow"
    which = "best baseline" if len(metrics["baselines"]) > 1 else "baseline"
    text = f"The model {verb} its {which}: {beside(monitor, result, baseline, num_examples)}"
    if level and is_share(monitor) and num_examples:
        points = 100 * chance(monitor, bound, num_examples)
        text += f" On {num_examples:,} examples, chance may take {points:.1f} points."
    return [_sentence(text, style)]


def _kept(metrics: dict[str, Any]) -> list[RenderableType]:
    """Which model was kept, in a sentence; none where nothing was trained."""
    text = kept(metrics)
    return [_sentence(f"{text[:1].upper()}{text[1:]}.", "dim")] if "chosen_by" in metrics else []


def _per_target(targets: list[dict[str, Any]]) -> list[RenderableType]:
    """The figures of each of several targets, those in its own units among them."""
    from rich.text import Text

    if len(targets) < 2:
        return []
    names = [name for name in targets[0] if name != "target"]
    table = _table()
    table.add_column("Target", overflow="fold")
    for name in names:
        table.add_column(title(name), justify="right")
    for measured in targets:
        cells = (format_metric(name, measured.get(name)) for name in names)
        table.add_row(Text(printable(str(measured.get("target")))), *cells)
    return ["", table]


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


def _table() -> Table:
    from rich import box
    from rich.table import Table

    return Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)


def _sentence(text: str, style: str) -> RenderableType:
    from rich.text import Text

    return Text(f"\n{text}", style=style)
