"""How the time of a step and the memory grow with the batch, the length and the data.

    python benchmarks/growth.py [--rounds N]

Three questions, each with one thing that doubles and the others as they are: images of MNIST's
size in batches of 32 to 256 (the documented CNN), sequences of 50 to 400 steps (one LSTM layer of
64 units on 8 channels, batches of 64), and tables of 25,000 to 200,000 rows (the tabular MLP, all
that `dlcli train` holds of them). Every point is a process of its own. The exponent is the slope
of logarithms: 1 is proportional, 0 is constant.
"""

from __future__ import annotations

import argparse
import json
import math
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import sides

POINTS = {
    "batch of images": (32, 64, 128, 256),
    "steps of a sequence": (50, 100, 200, 400),
    "rows of a table": (25_000, 50_000, 100_000, 200_000),
}


def main() -> None:
    """Measure every point and print the table, or be one point."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3, help="turns of each point")
    parser.add_argument("--point", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.point:
        print(json.dumps(_measure(arguments.point[0], int(arguments.point[1]))))
        return
    print(f"{sides.machine()}\n\n| what doubles | size | ms a step | peak memory (GB) |")
    print("|---|---:|---:|---:|")
    for what, sizes in POINTS.items():
        found: dict[int, list[dict[str, float]]] = {size: [] for size in sizes}
        for _ in range(arguments.rounds):
            for size in sizes:
                found[size].append(_process(what, size))
        medians = [
            {key: statistics.median(each[key] for each in rounds) for key in rounds[0]}
            for rounds in found.values()
        ]
        for size, median in zip(sizes, medians, strict=True):
            milliseconds, peak = 1e3 * median["seconds"], median["peak"] / 1e9
            print(f"| {what} | {size:,} | {milliseconds:.2f} | {peak:.2f} |")
        exponents = [_slope(sizes, [each[key] for each in medians]) for key in ("seconds", "peak")]
        print(f"| {what} | exponent | {exponents[0]:.2f} | {exponents[1]:.2f} |", flush=True)


def _slope(sizes: tuple[int, ...], values: list[float]) -> float:
    """Of a straight line through the logarithms, by least squares."""
    x, y = [math.log(size) for size in sizes], [math.log(value) for value in values]
    middle_x, middle_y = statistics.mean(x), statistics.mean(y)
    products = ((a - middle_x) * (b - middle_y) for a, b in zip(x, y, strict=True))
    return sum(products) / sum((a - middle_x) ** 2 for a in x)


def _process(what: str, size: int) -> Any:
    done = subprocess.run(
        [sys.executable, __file__, "--point", what, str(size)],
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    return json.loads(done.stdout.splitlines()[-1])


def _measure(what: str, size: int) -> dict[str, float]:
    import tensorflow as tf

    from dlcli.recipe import schema
    from dlcli.training import loop, run

    with tempfile.TemporaryDirectory() as folder:
        name, overrides = _recipe(what, size, Path(folder))
        steps = run.prepare(schema.load(name, overrides), events=lambda event: None)
        call = loop.train_calls(steps.loop.core, compiled=False)
        count = min(steps.loop.steps_per_epoch // 2, 40)
        batches = iter(steps.train_batches(0, 0))
        call(batches, tf.constant(min(count, 5)))  # builds the graph
        started = time.perf_counter()
        call(iter(steps.train_batches(0, 0)), tf.constant(count))
        steps.loop.core.get_metrics_result()["loss"].numpy()
        seconds = (time.perf_counter() - started) / count
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"seconds": seconds, "peak": peak}


def _recipe(what: str, size: int, folder: Path) -> tuple[str, list[str]]:
    """A recipe of the network, with what makes it the size."""
    if what == "batch of images":
        return "mnist-cnn", [f"training.batch_size={size}", "training.precision=float32"]
    import numpy as np
    import polars as pl

    generator, path = np.random.default_rng(0), folder / "data.csv"
    if what == "rows of a table":
        numbers = generator.normal(size=(size, 8))
        frame = pl.DataFrame(numbers, [f"n{index}" for index in range(8)])
        frame.with_columns(target=numbers.sum(1)).write_csv(path)
        return "table-mlp", [f'data.source="{path}"', "task=table-regression"]
    channels = [f"c{index}" for index in range(8)]
    frame = pl.DataFrame(generator.normal(size=(8_000, 8)), channels)
    frame.write_csv(path)
    return "series-lstm", [
        f'data.source="{path}"',
        "data.target=c0",
        f"preprocessing.steps={size}",
        "model.units=[64]",
        "model.activation=tanh",
        "training.batch_size=64",
    ]


if __name__ == "__main__":
    main()
