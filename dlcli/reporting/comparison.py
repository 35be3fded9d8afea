"""Several runs side by side: how their recipes differ, what came out, whether that is chance."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dlcli import evaluation, kinds, outputs
from dlcli.artifacts import metadata as artifact_metadata
from dlcli.errors import UsageError
from dlcli.evaluation import bootstrap, paired, predictions
from dlcli.evaluation.paired import Test
from dlcli.evaluation.predictions import Predictions
from dlcli.metric_names import format_metric, in_a_sentence, is_better, title
from dlcli.recipe.schema import flat
from dlcli.reporting import facts
from dlcli.runs import documents, summary
from dlcli.runs.run_dir import RunDir

_SEED = "training.seed"


@dataclass(frozen=True)
class _Member:
    """What is read of one run."""

    run: RunDir
    metrics: dict[str, Any]
    metadata: dict[str, Any]
    environment: dict[str, Any]
    keys: dict[str, Any]  # of its recipe, dotted
    kept: Predictions | None

    @property
    def fingerprint(self) -> str:
        return str(self.environment.get("data", {}).get("fingerprint", ""))


def compare(runs: Sequence[RunDir]) -> dict[str, Any]:
    """Compare completed runs of one task; the first is what the others are tested against.

    Returns:
        A JSON document: `runs`, their results; `recipe`, the keys that differ with each run's
        value; `groups`, runs that differ by their seed alone, with mean and spread; `tests`, of
        each other group against the first; and `refused`, why there is no test, or "".

    Raises:
        UsageError: fewer than two runs, one of them is not completed, or tasks differ.
        DlcliError: a file is damaged.
    """
    if len({run.path.resolve() for run in runs}) < len(runs):
        raise UsageError("a run is named twice.", "Name each run once.")
    if len(runs) < 2:
        raise UsageError(
            "one run is nothing to compare.", "Name two runs or more. List them: dlcli runs list"
        )
    members = [_read(run) for run in runs]
    tasks = [member.metadata["task"] for member in members]
    for member, task in zip(members, tasks, strict=True):
        if task != tasks[0]:
            raise UsageError(
                f"run {member.run.name} is of the task {task}, run {members[0].run.name} of "
                f"{tasks[0]}: their figures mean different things.",
                "Compare runs of one task.",
            )
    monitor = members[0].metrics["monitor"]
    groups = _groups(members)
    refused = _refusal(members, groups)
    return {
        "task": tasks[0],
        "monitor": monitor,
        "runs": [_results(member) for member in members],
        "recipe": _differences(members),
        "groups": [_group(group, monitor) for group in groups],
        "tests": [] if refused else _tests(groups, monitor),
        "refused": refused,
    }


def _read(run: RunDir) -> _Member:
    if not run.metrics.exists():
        raise UsageError(
            f"run {run.name} is not completed, so it has no result to compare.",
            f"Go on with it: dlcli train --resume {run.reference()}",
        )
    metadata = artifact_metadata.of_run(run)
    return _Member(
        run,
        documents.metrics(run),
        metadata,
        documents.or_empty(documents.environment, run),
        dict(flat(metadata["recipe"])),
        predictions.read(run),
    )


def _results(member: _Member) -> dict[str, Any]:
    test = member.metrics["test"]
    time = facts.timing(member.run)
    return {
        "name": member.run.name,
        "test": {name: value for name, value in test.items() if isinstance(value, float)},
        "validation": member.metrics["validation"],
        "examples": test["examples"],
        "epochs": member.metrics["epochs"],
        "best_epoch": member.metrics["best_epoch"],
        "seconds": time.get("seconds"),
        "parameters": member.environment.get("parameters"),
        "device": member.environment.get("device"),
    }


def _differences(members: Sequence[_Member]) -> list[dict[str, Any]]:
    """The keys whose values are not the same in all runs; None where a recipe has no such key."""
    names = dict.fromkeys(name for member in members for name in member.keys)
    found = []
    for name in names:
        values = [member.keys.get(name) for member in members]
        if any(value != values[0] for value in values):
            found.append({"key": name, "values": values})
    return found


def _groups(members: Sequence[_Member]) -> list[list[_Member]]:
    """Runs that are the same but for their seed, each group in the order given."""
    found: list[tuple[Any, list[_Member]]] = []
    for member in members:
        keys = {name: value for name, value in member.keys.items() if name != _SEED}
        same = (keys, member.fingerprint)
        for known, group in found:
            if known == same:
                group.append(member)
                break
        else:
            found.append((same, [member]))
    return [group for _, group in found]


def _group(group: Sequence[_Member], monitor: str) -> dict[str, Any]:
    values = [member.metrics["test"][monitor] for member in group]
    count = group[0].metrics["test"]["examples"]
    mean = float(np.mean(values))
    deviation = float(np.std(values, ddof=1)) if len(values) > 1 else None
    sentence = ""
    if len(values) > 1:
        low, high = (format_metric(monitor, each, count) for each in (min(values), max(values)))
        sentence = (
            f"{_names(group)}: {_trainings(group)}, {in_a_sentence(monitor)} "
            f"{format_metric(monitor, mean, count)} on average, from {low} to {high}."
        )
    return {
        "runs": [member.run.name for member in group],
        "seeds": [member.keys.get(_SEED) for member in group],
        "mean": mean,
        "deviation": deviation,
        "low": min(values),
        "high": max(values),
        "sentence": sentence,
    }


def _trainings(group: Sequence[_Member]) -> str:
    seeds = {member.keys.get(_SEED) for member in group}
    if len(seeds) == len(group):
        return f"{len(group)} seeds of one recipe"
    return f"{len(group)} trainings of one recipe, {len(seeds)} seed{'s' * (len(seeds) > 1)}"


def _refusal(members: Sequence[_Member], groups: Sequence[Sequence[_Member]]) -> str:
    """Why the runs cannot be tested against each other, in a sentence, or ""."""
    first = members[0]
    if not kinds.output_of(first.metadata["task"]).per_example:
        return (
            "Pictures are measured all together, not one by one, so that no paired test can be "
            "made: compare several seeds of each recipe."
        )
    for member in members:
        if member.kept is None:
            return (
                f"Run {member.run.name} was trained by a dlcli that did not keep its answers, so "
                "that no paired test can be made."
            )
    for member in members[1:]:
        both = f"run {member.run.name} was tested on other examples than run {first.run.name}"
        if member.fingerprint != first.fingerprint:
            return (
                f"No paired test can be made: {both}, as their data differ (see the data "
                "fingerprint in environment.json)."
            )
        if not _same_examples(member.kept, first.kept):
            return f"No paired test can be made: {both}, of the same data cut otherwise."
    if len(groups) == 1:
        return "The runs differ by nothing but their seed, so that there is nothing to test."
    return ""


def _same_examples(one: Predictions | None, other: Predictions | None) -> bool:
    """Whether two runs on the same data were tested on the same examples of it."""
    if one is None or other is None:
        return False
    if one.rows and other.rows:  # a renamed file renames its examples
        return one.rows == other.rows
    return list(one.names) == list(other.names)


def _tests(groups: Sequence[Sequence[_Member]], monitor: str) -> list[dict[str, Any]]:
    module = evaluation.of(groups[0][0].metadata["task"])
    terms = [[member.kept.terms for member in group if member.kept] for group in groups]
    first = groups[0][0]
    block = bootstrap.block_length_of(first.metadata, first.metrics["test"]["examples"])
    found = [paired.run(terms[0], each, module, monitor, block) for each in terms[1:]]
    raised = paired.holm([each.p for each in found])
    return [
        {
            "first": [member.run.name for member in groups[0]],
            "second": [member.run.name for member in group],
            "metric": monitor,
            "difference": each.difference,
            "interval": [each.interval.low, each.interval.high],
            "method": each.method,
            "p": p,
            "tests": len(found),
            "more_than_chance": p < paired.LEVEL,
            "sentence": _sentence(groups[0], group, each, p, len(found), monitor),
        }
        for group, each, p in zip(groups[1:], found, raised, strict=True)
    ]


def _sentence(
    first: Sequence[_Member],
    second: Sequence[_Member],
    test: Test,
    p: float,
    num_tests: int,
    monitor: str,
) -> str:
    """What a test says, with the test that says it."""
    one, other = _names(first), _names(second)
    if test.difference == 0 and test.interval.low == test.interval.high == 0:
        return f"{other} and {one} are alike: no answer is better or worse by {title(monitor)}."
    better = is_better(monitor, test.difference, 0.0)
    how = (
        f"McNemar's exact test: {test.only_second:,} answers that only {other} has right, "
        f"{test.only_first:,} that only {one} has"
        if test.method == "McNemar"
        else f"paired bootstrap over {bootstrap.NUM_RESAMPLES:,} resamples of the test examples"
        + (f" in blocks of {test.block:,}" if test.block > 1 else "")
    )
    p_text = "p < 0.001" if p < 0.001 else f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"
    raised = f", raised for {num_tests} tests" if num_tests > 1 else ""
    evidence = f"{_amount(monitor, test)}; {how}, {p_text}{raised}."
    if p < paired.LEVEL:
        word = "better" if better else "worse"
        verb = "is" if len(second) == 1 else "are"
        return f"{other} {verb} {word} than {one}, more than by chance: {evidence}"
    return f"{other} and {one} cannot be told apart, the difference may be chance: {evidence}"


def _amount(monitor: str, test: Test) -> str:
    is_share = outputs.metric(monitor).is_share
    times, digits, unit = (100, "+.2f", " points") if is_share else (1, "+.4g", "")
    values = (test.difference, test.interval.low, test.interval.high)
    value, low, high = (format(times * each, digits) for each in values)
    return f"{in_a_sentence(monitor)} {value}{unit} (95 % interval {low} to {high})"


def _names(group: Sequence[_Member]) -> str:
    names = [member.run.name for member in group]
    if len(names) == 1:
        return names[0]
    return (
        f"{', '.join(names[:-1])} and {names[-1]}"
        if len(names) <= 3
        else f"{names[0]} and {len(names) - 1} more"
    )


def written(value: Any) -> str:
    """A value of a recipe in a table."""
    if value is None:
        return "-"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def histories(runs: Sequence[RunDir], monitor: str) -> dict[str, list[tuple[str, list[float]]]]:
    """The curves of the validation split: metric -> each run's name and values by epoch.

    Args:
        monitor: shown beside the loss.
    """
    found: dict[str, list[tuple[str, list[float]]]] = {}
    for metric in dict.fromkeys(("loss", monitor)):
        lines = []
        for run in runs:
            rows = summary.history(run.history)
            values = [row.get(f"val_{metric}", math.nan) for row in rows]
            if values:
                lines.append((run.name, values))
        if lines:
            found[metric] = lines
    return found
