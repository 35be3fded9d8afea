"""Keep what shipped recipes reached, and write the table of it: results.md.

python docs/results.py RUN...    take completed runs into results.json, then write results.md
python docs/results.py           write results.md from results.json
python docs/results.py --check   end with exit code 1 if results.md is another

Runs of one command that differ in their seeds alone make one row, their mean. A run that is
taken again replaces the one of the same command, seeds and version of dlcli. The runs of the
version before stay: the page compares the newer ones with them.
"""

from __future__ import annotations

import csv
import json
import math
import shlex
import sys
from collections import Counter
from pathlib import Path
from statistics import mean
from typing import Any

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER.parent))

from dlcli import (  # noqa: E402
    catalog,
    kinds,
    outputs,
)
from dlcli.errors import DlcliError  # noqa: E402
from dlcli.metric_names import (  # noqa: E402
    format_metric,
    is_better,
    title,
)
from dlcli.recipe import schema  # noqa: E402
from dlcli.recipe.overrides import typed  # noqa: E402
from dlcli.runs import verdict  # noqa: E402
from dlcli.runs.documents import read_json  # noqa: E402
from dlcli.runs.results import best_baseline  # noqa: E402
from dlcli.runs.run_dir import RunDir  # noqa: E402

STORED, PAGE = FOLDER / "results.json", FOLDER / "results.md"
BEFORE, NOW = "0.1", "0.2"  # the versions of dlcli that the page compares
_SEEDS = ("training.seed", "data.split_seed")
_NOTHING = object()


def main(arguments: list[str]) -> int:
    """Take runs, write or compare the page."""
    if "--help" in arguments:
        print(__doc__)
        return 0
    rows = json.loads(STORED.read_text(encoding="utf-8")) if STORED.exists() else []
    for name in [name for name in arguments if name != "--check"]:
        try:
            taken = row_of(RunDir(Path(name)))
        except DlcliError as error:
            sys.exit(f"{name}: {error.message}")
        same = ("command", "seeds", "version")
        rows = [row for row in rows if any(row[key] != taken[key] for key in same)] + [taken]
    rows.sort(key=lambda row: (list(kinds.tasks()).index(row["task"]), row["command"]))
    text = page(rows)
    if "--check" in arguments:
        return int(not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text)
    STORED.write_text(
        json.dumps(rows, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8"
    )
    PAGE.write_text(text, encoding="utf-8")
    return 0


def row_of(run: RunDir) -> dict[str, Any]:
    """What the table needs of a completed run; no path of the machine it was made on."""
    metrics, environment = read_json(run.metrics), read_json(run.environment)
    with run.timing.open(encoding="utf-8", newline="") as file:
        seconds = sum(float(row["seconds"]) for row in csv.DictReader(file))
    monitor = metrics["monitor"]
    baselines = metrics.get("baselines") or [metrics["baseline"]]  # one in the first runs
    baseline = best_baseline({**metrics, "baselines": baselines})
    typed_keys = {word.split("=")[0] for word in environment.get("argv", [])}
    recipe, command, seeds = _command(run, environment["recipe"], typed_keys)
    return {
        "recipe": recipe,
        "task": environment["task"],
        "command": command,
        "seeds": seeds,
        "data": Path(environment["data"]["source"]).name,
        "examples": environment["data"]["examples"],
        "parameters": environment["parameters"],
        "metric": monitor,
        "test": metrics["test"][monitor],
        "validation": metrics["validation"].get(monitor),
        "baselines": {each["name"]: each[monitor] for each in baselines if monitor in each},
        "baseline": baseline.get("name"),
        "verdict": verdict.of({**metrics, "baselines": baselines}).get("outcome"),
        "epochs": metrics["epochs"],
        "seconds": round(seconds, 1),
        "device": environment["device"],
        "created": environment["created"],
        "version": ".".join(environment["dlcli"].split(".")[:2]),
        "tensorflow": environment["tensorflow"],
    }


def _command(run: RunDir, recorded: str, typed_keys: set[str]) -> tuple[str, str, list[str]]:
    """The shipped recipe that a run is of, the command that trains the same, and its seeds.

    That is the recipe which needs the fewest overrides; of equals the one that is on record.

    Args:
        run: it.
        recorded: the recipe on record.
        typed_keys: keys of the overrides on record.
    """
    wanted = _keys(str(run.recipe))
    names = sorted(catalog.recipe_names(), key=lambda name: name != recorded)
    overrides = {name: _overrides(_keys(name), wanted, typed_keys) for name in names}
    recipe = min(names, key=lambda name: len(overrides[name]))
    source = Path(wanted["data.source"]).name
    given = ["--data", source] if overrides[recipe].pop("data.source", None) else []
    seeds = [f"{key}={wanted[key]}" for key in _SEEDS if overrides[recipe].pop(key, None)]
    changed = [typed(key, value) for key, value in overrides[recipe].items()]
    command = " ".join([shlex.join(["dlcli", "train", recipe, *given]), *changed])
    return recipe, command, sorted(seeds)


def _keys(recipe: str) -> dict[str, Any]:
    """Every key of a recipe, dotted, with its value."""
    return dict(schema.flat(schema.load(recipe).model_dump(mode="json")))


def _overrides(
    shipped: dict[str, Any], wanted: dict[str, Any], typed_keys: set[str]
) -> dict[str, Any]:
    """The overrides of a shipped recipe; what it leaves open and nobody typed was inferred."""
    return {
        key: value
        for key, value in wanted.items()
        if shipped.get(key, _NOTHING) not in ((value,) if key in typed_keys else (value, "auto"))
    }


def page(rows: list[dict[str, Any]]) -> str:
    """The page of all rows: the newest of each command, then those that have changed."""
    of_command: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for row in rows:
        of_command.setdefault(row["command"], {}).setdefault(row["version"], []).append(row)
    newest = [runs.get(NOW) or runs[BEFORE] for runs in of_command.values()]
    devices = sorted({f"{row['device']}, TensorFlow {row['tensorflow']}" for row in rows})
    parts = [
        "# Results\n",
        "<!-- Written by docs/results.py from stored runs: change nothing here. -->\n",
        "Each row is a run of a shipped recipe, or the mean of several that differ in their "
        "seeds alone (`training.seed`, and `data.split_seed` where the splits are cut). The test "
        "split was measured once, after training; settings were chosen on validation, unless the "
        "recipe's head says otherwise. The baseline is the best of the simple models that were "
        "fitted on the same train split. The verdict is the one that `dlcli train` prints; where "
        "runs differ in it, each is listed with their number. The time is that of training, with "
        f"validation and checkpoints, on {' and on '.join(devices)}: machines that also did other "
        "work, so that times are upper bounds.\n",
        "Data sets that are not built in are public files: those of seaborn-data (`titanic.csv`, "
        "`diamonds.csv.gz`), of jbrownlee/Datasets (`airline-passengers.csv`, "
        "`daily-min-temperatures.csv`), ETDataset (`ETTh1.csv`), the UCR and UEA archives (`.ts`), "
        "char-rnn (`tinyshakespeare.txt`), the sentences of the Stanford Sentiment Treebank "
        "(`sst2`), the whole test part of AG News with 6,872 rows to train on (`ag_news`), 10,000 "
        "and 2,000 pictures of CIFAR-10 (`cifar10_subset`), and Kaggle's Flowers Recognition at "
        "128 x 128 pixels (`flowers128`).\n",
    ]
    for task in kinds.tasks():
        lines = [_line(runs) for runs in newest if runs[0]["task"] == task]
        if lines:
            heading = task.replace("-", " ")
            parts += [
                f"## {heading[:1].upper()}{heading[1:]}\n",
                "| recipe | data (train, test) | parameters | test | best baseline | | time "
                "| command |\n|---|---|---:|---:|---:|---|---:|---|\n" + "".join(lines),
            ]
    parts += _changes([runs for runs in of_command.values() if BEFORE in runs and NOW in runs])
    old = sorted(runs[0]["command"] for runs in newest if runs[0]["version"] == BEFORE)
    if old:
        commands = ", ".join(f"`{command}`" for command in old)
        parts.append(f"Measured with version {BEFORE} alone: {commands}.\n")
    missing = sorted(set(catalog.recipe_names()) - {row["recipe"] for row in rows})
    if missing:
        parts.append(f"Without a stored run: {', '.join(missing)}.\n")
    return "\n".join(parts)


def _line(runs: list[dict[str, Any]]) -> str:
    last = runs[-1]
    metric, num_test = last["metric"], last["examples"]["test"]
    shown = f"{title(metric)} {_mean(runs)}"
    bound, outcome = "-", ""
    if last["baseline"]:
        value = mean(run["baselines"][run["baseline"]] for run in runs)
        bound = f"{format_metric(metric, value, num_test)} ({last['baseline']})"
        outcome = _outcome(runs)
    examples = last["examples"]
    cells = (
        f"`{last['recipe']}`",
        f"{last['data']} ({examples['train']:,}, {examples['test']:,})",
        f"{last['parameters']:,}",
        shown,
        bound,
        outcome,
        _duration(mean(run["seconds"] for run in runs)),
        f"`{last['command']}`",
    )
    return f"| {' | '.join(cells)} |\n"


def _mean(runs: list[dict[str, Any]]) -> str:
    """The result of a run; of several, their mean and their range."""
    metric, num_test = runs[-1]["metric"], runs[-1]["examples"]["test"]
    values = [run["test"] for run in runs]
    text = format_metric(metric, mean(values), num_test)
    if len(runs) == 1:
        return text
    low, high = (format_metric(metric, value, num_test) for value in (min(values), max(values)))
    return f"{text} (mean of {len(runs)}, {low} to {high})"


def _outcome(runs: list[dict[str, Any]]) -> str:
    """The verdict on the runs, with their number where they differ."""
    outcomes = ("**worse**" if run["verdict"] == "worse" else run["verdict"] for run in runs)
    counts = Counter(outcomes).most_common()
    return ", ".join(
        f"{outcome} {count}" if len(counts) > 1 else outcome for outcome, count in counts
    )


def _changes(measured_twice: list[dict[str, list[dict[str, Any]]]]) -> list[str]:
    """The section that compares the runs of two versions of dlcli, by version."""
    if not measured_twice:
        return []
    return [
        f"## Since version {BEFORE}\n",
        "Copies of an example now share a split, the statistics of batch normalisation are "
        "estimated anew after few steps, and classifiers keep the epoch of the lowest validation "
        f"loss: that changed results. A positive difference means that version {NOW} is better. "
        "The standard error is that of the difference of two independent means, from the pooled "
        "variance of both groups of runs.\n",
        f"| recipe | data | version {BEFORE} | version {NOW} | difference | standard error |\n"
        "|---|---|---:|---:|---:|---:|\n"
        + "".join(_change(runs[BEFORE], runs[NOW]) for runs in measured_twice),
    ]


def _change(before: list[dict[str, Any]], now: list[dict[str, Any]]) -> str:
    metric, num_test = now[-1]["metric"], now[-1]["examples"]["test"]
    groups = [[run["test"] for run in runs] for runs in (before, now)]
    gain = mean(groups[1]) - mean(groups[0])
    if is_better(metric, 0, 1):
        gain = -gain
    error = _standard_error(groups)
    if outputs.metric(metric).is_share:
        shown = [f"{100 * gain:+.2f} points", "-" if error is None else f"{100 * error:.2f}"]
    else:
        shown = [
            f"{'-' if gain < 0 else '+'}{format_metric(metric, abs(gain), num_test)}",
            "-" if error is None else format_metric(metric, error, num_test),
        ]
    cells = (f"`{now[-1]['recipe']}`", now[-1]["data"], _mean(before), _mean(now), *shown)
    return f"| {' | '.join(cells)} |\n"


def _standard_error(groups: list[list[float]]) -> float | None:
    """The standard error of the difference of two means, from their pooled variance.

    None where each group has one value.
    """
    freedom = sum(len(values) - 1 for values in groups)
    if not freedom:
        return None
    squares = sum((value - mean(values)) ** 2 for values in groups for value in values)
    return math.sqrt(squares / freedom * sum(1 / len(values) for values in groups))


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
