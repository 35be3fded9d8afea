"""How fast the commands answer that need no TensorFlow, against a bare Typer program.

    python benchmarks/startup.py [--rounds N]

Every command runs in a process of its own, all of them in turn in every round, so that a busy
moment of the machine meets all alike. The ratio is the median over the rounds of a command's time
over that of its reference in the same round. Ends with exit code 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
NUM_RUNS = 20

TWO_COMMANDS = '''
import typer

app = typer.Typer()


@app.command()
def train(recipe: str, epochs: int = 3) -> None:
    """Train a recipe."""


@app.command()
def evaluate(run: str) -> None:
    """Measure a run."""


app()
'''


@dataclass(frozen=True)
class Case:
    """One command line.

    Args:
        title: as the table names it.
        arguments: of the Python interpreter.
        reference: title of what it is measured against, or "".
        target: the largest ratio that is good enough.
        environment: variables that it needs.
    """

    title: str
    arguments: list[str]
    reference: str = ""
    target: float = 0.0
    environment: dict[str, str] = field(default_factory=dict)


def main() -> int:
    """Measure all cases and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=21)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write_runs(folder / "runs")
        cases = _cases(folder)
        for case in cases:  # once before: caches of files, of bytecode and of completion
            _seconds(case, folder)
        seconds: dict[str, list[float]] = {case.title: [] for case in cases}
        for _ in range(rounds):
            for case in cases:
                seconds[case.title].append(_seconds(case, folder))
    print(f"Medians of {rounds} rounds, Python {sys.version.split()[0]}:\n")
    print("| command | seconds | against | ratio | target |")
    print("|---|---|---|---|---|")
    missed = False
    for case in cases:
        median = f"| {case.title} | {statistics.median(seconds[case.title]):.3f} |"
        if not case.reference:
            print(f"{median} | | |")
            continue
        pairs = zip(seconds[case.title], seconds[case.reference], strict=True)
        ratio = statistics.median(ours / reference for ours, reference in pairs)
        missed |= ratio > case.target
        print(f"{median} {case.reference} | {ratio:.2f} | {case.target:.1f} |")
    return int(missed)


def _cases(folder: Path) -> list[Case]:
    bare, typer_import = "a Typer program's --help", '`python -c "import typer"`'
    program = folder / "two_commands.py"
    program.write_text(TWO_COMMANDS, encoding="utf-8")
    typed = {
        "_DLCLI_COMPLETE": "complete_bash",
        "COMP_WORDS": "dlcli\ntrain\ndigits-cnn\ntraining.ep",
        "COMP_CWORD": "3",
    }
    dlcli = ["-m", "dlcli"]
    return [
        Case(typer_import, ["-c", "import typer"]),
        Case(bare, [str(program), "--help"]),
        Case("`dlcli --help`", [*dlcli, "--help"], bare, 1.2),
        Case("`dlcli --version`", [*dlcli, "--version"], typer_import, 2),
        Case("completion of a key", dlcli, typer_import, 2, typed),
        Case("`dlcli recipes list`", [*dlcli, "recipes", "list"], typer_import, 3),
        Case(f"`dlcli runs list` ({NUM_RUNS} runs)", [*dlcli, "runs", "list"], typer_import, 3),
    ]


def _seconds(case: Case, folder: Path) -> float:
    environment = {
        **os.environ,
        "PYTHONPATH": str(REPOSITORY),
        "XDG_CACHE_HOME": str(folder / "cache"),
        **case.environment,
    }
    command = [sys.executable, *case.arguments]
    begin = time.perf_counter()
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
    return time.perf_counter() - begin


def _write_runs(folder: Path) -> None:
    """Completed runs as training leaves them, as far as a list reads them."""
    classes = [
        {"class": str(index), "precision": 0.98, "recall": 0.98, "f1": 0.98, "examples": 36}
        for index in range(10)
    ]
    metrics = {
        "test": {
            "examples": 360,
            "loss": 0.05,
            "accuracy": 0.985,
            "per_class": classes,
            "confusion": [[36] * 10] * 10,
        },
        "baselines": [{"name": "majority class", "accuracy": 0.1}],
        "monitor": "accuracy",
        "epochs": 25,
    }
    environment = {
        "recipe": "digits-cnn",
        "task": "image-classification",
        "created": "2026-11-21T10:15:00+00:00",
    }
    for number in range(NUM_RUNS):
        run = folder / f"digits-cnn-20261121-1015{number:02}"
        run.mkdir(parents=True)
        (run / "recipe.yaml").write_text("task: image-classification\n", encoding="utf-8")
        (run / "metrics.json").write_text(json.dumps(metrics, indent=2), encoding="utf-8")
        (run / "environment.json").write_text(json.dumps(environment), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
