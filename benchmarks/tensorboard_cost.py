"""What showing a training in TensorBoard costs.

    python benchmarks/tensorboard_cost.py [RECIPE [KEY=VALUE]...] [--pairs N]

A pair is a training with what is shown and one without, each in a fresh process, in turn. The ratio
is of the CPU seconds from the first step to the last, which other work on the machine changes
little; the share is the wall time that is spent on showing in them, as a part of them. What is
shown before the first step and of the saved model costs the same however long the training.
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
from pathlib import Path
from typing import Any

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"


def main() -> None:
    """Run the pairs and print what they took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("recipe", nargs="*", default=["mnist-cnn"])
    parser.add_argument("--pairs", type=int, default=3, help="trainings of each side")
    parser.add_argument("--side", choices=("with", "without"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.side:
        print(json.dumps(train(arguments.recipe, shown=arguments.side == "with")))
        return
    print("| pair | epochs | seconds | CPU ratio | share | before and after (s) |")
    print("|---:|---:|---:|---:|---:|---:|")
    ratios, shares = [], []
    for pair in range(arguments.pairs):
        sides = ("with", "without") if pair % 2 else ("without", "with")
        found = {side: _in_a_process(side, arguments.recipe) for side in sides}
        shown = found["with"]
        ratios.append(shown["cpu"] / found["without"]["cpu"])
        shares.append(shown["epochs_shown"] / shown["seconds"])
        print(
            f"| {pair + 1} | {shown['epochs']} | {shown['seconds']:.1f} | {ratios[-1]:.3f} | "
            f"{100 * shares[-1]:.2f} % | {shown['ends_shown']:.1f} |",
            flush=True,
        )
    print(
        f"\nmedian: CPU ratio {statistics.median(ratios):.3f}, share of the training time "
        f"{100 * statistics.median(shares):.2f} %"
    )


def train(recipe_and_overrides: list[str], shown: bool) -> dict[str, float]:
    """Train once.

    Returns:
        `seconds` and `cpu` from the first step to the last, `epochs`, and what was spent on showing
        after epochs and at both ends.
    """
    from dlcli.events import EpochEnded, Started, StepsOver
    from dlcli.recipe import schema
    from dlcli.tensorboard.board import Board
    from dlcli.training import run

    spent: dict[str, float] = {}

    def measured(name: str) -> None:
        method = getattr(Board, name)

        def call(*arguments: Any, **keywords: Any) -> None:
            started = time.perf_counter()
            if shown:
                method(*arguments, **keywords)
            elif name == "completed":
                list(arguments[-1])  # the plots are the run's own
            spent[name] = spent.get(name, 0.0) + time.perf_counter() - started

        setattr(Board, name, call)

    for name in ("begin", "epoch", "completed"):
        measured(name)
    moments: dict[str, tuple[float, float]] = {}
    epochs = 0

    def report(event: Any) -> None:
        nonlocal epochs
        epochs += isinstance(event, EpochEnded)
        if isinstance(event, (Started, StepsOver)):
            moments[type(event).__name__] = time.perf_counter(), time.process_time()

    name, *overrides = recipe_and_overrides
    with tempfile.TemporaryDirectory() as folder:
        run.train(
            schema.load(name, overrides), name, Path(folder), events=report, stop=lambda: False
        )
    seconds, cpu = (
        end - start for start, end in zip(moments["Started"], moments["StepsOver"], strict=True)
    )
    return {
        "seconds": seconds,
        "cpu": cpu,
        "epochs": epochs,
        "epochs_shown": spent["epoch"],
        "ends_shown": spent["begin"] + spent["completed"],
    }


def _in_a_process(side: str, recipe: list[str]) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, __file__, "--side", side, *recipe],
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    main()
