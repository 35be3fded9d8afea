"""Tables of results, as train, evaluate and `runs show` print them."""

from __future__ import annotations

from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from dlcli import shown
from dlcli.cli.screens import output
from dlcli.metric_names import format_metric, title
from dlcli.runs import verdict
from dlcli.runs.results import (
    confusion_counts,
    confusions,
    figures_of_classes,
    kept,
    lowest_f1_first,
)

_CLASSES_SHOWN_IN_FULL = 20
_WORST_CLASSES_SHOWN = 10


def result_table(metrics: dict[str, Any], measured_on: str = "Test") -> RenderableType:
    """The result on the test split beside the validation split and the baselines.

    Args:
        metrics: what `metrics.json` holds; all but "test" may be missing.
        measured_on: heads the result, where it is that of other data.
    """
    test = metrics.get("test", {})
    columns = {measured_on: test, "Validation": metrics.get("validation", {})}
    for baseline in metrics.get("baselines", []):
        columns[f"Baseline ({baseline.get('name', 'unnamed')})"] = baseline
    columns = {heading: values for heading, values in columns.items() if values}
    table = output.ruled_table()
    table.add_column()
    for heading in columns:
        table.add_column(Text(heading), justify="right")
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
    test = metrics.get("test", {})
    classes = test.get("per_class", [])
    mistaken = _mistaken_for(classes, test)
    order = lowest_f1_first(classes)
    if len(order) > _CLASSES_SHOWN_IN_FULL:
        order = order[:_WORST_CLASSES_SHOWN]
    table = output.ruled_table()
    table.add_column("Class", overflow="fold", ratio=2)
    figures = figures_of_classes(classes)
    for heading in (*map(title, figures), "Examples"):
        table.add_column(heading, justify="right", no_wrap=True)
    if mistaken:
        table.add_column("Mistaken for", overflow="fold", ratio=2)
    for index in order:
        measured = classes[index]
        num_examples = measured["examples"]
        shares = (format_metric(name, measured[name], num_examples) for name in figures)
        table.add_row(
            Text(shown.name(measured["class"])),
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


def _verdict(metrics: dict[str, Any]) -> list[RenderableType]:
    """Whether the model beats its best baseline, in a sentence; none without a baseline."""
    text = verdict.sentence(metrics)
    if not text:
        return []
    return [_sentence(text, "green" if verdict.of(metrics)["outcome"] == "better" else "yellow")]


def _kept(metrics: dict[str, Any]) -> list[RenderableType]:
    """Which model was kept, in a sentence; none where nothing was trained."""
    text = kept(metrics)
    return [_sentence(f"{text[:1].upper()}{text[1:]}.", "dim")] if "chosen_by" in metrics else []


def _per_target(targets: list[dict[str, Any]]) -> list[RenderableType]:
    """The figures of each of several targets, those in its own units among them."""
    if len(targets) < 2:
        return []
    names = [name for name in targets[0] if name != "target"]
    table = output.ruled_table()
    table.add_column("Target", overflow="fold")
    for name in names:
        table.add_column(title(name), justify="right")
    for measured in targets:
        cells = (format_metric(name, measured.get(name)) for name in names)
        table.add_row(Text(shown.name(str(measured.get("target")))), *cells)
    return ["", table]


def _mistaken_for(classes: list[dict[str, Any]], test: dict[str, Any]) -> list[str]:
    """For each class, the class that its examples were most often taken for."""
    if not confusion_counts(test):
        return []
    texts = [""] * len(classes)
    for count, true, taken in reversed(confusions(test)):  # the most frequent comes last
        texts[true] = f"{shown.name(classes[taken]['class'])} ({count:,})"
    return texts


def _sentence(text: str, style: str) -> RenderableType:
    return Text(f"\n{text}", style=style)
