"""Examples a second of one local worker and of two, on as many CPU cores each.

    python benchmarks/scaling.py digits-cnn training.epochs=4 training.batch_size=256

Each worker has one core, alone and with another beside it: two of them have twice the computing
power of one, as two machines have. What is lost against twice the speed is what they tell each
other, here over the loopback device.
"""

from __future__ import annotations

import csv
import os
import statistics
import sys
import tempfile
from pathlib import Path

from lost_worker import ended, start

from dlcli.runs.run_dir import RunDir


def main() -> int:
    """Train and measure; the exit code."""
    recipe = [*sys.argv[1:], "training.intra_op_threads=1"]
    cores = sorted(os.sched_getaffinity(0))[:2]
    if len(cores) < 2:
        sys.exit("two CPU cores are needed")
    alone = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for count in (1, 2):
            run = RunDir(Path(folder, str(count)))
            workers = start(recipe, run, count)
            for worker, core in zip(workers, cores, strict=False):
                os.sched_setaffinity(worker.pid, {core})
            if any(ended(workers)):
                sys.exit("a worker failed")
            with run.timing.open(encoding="utf-8", newline="") as file:
                # The first epoch builds the graphs.
                speeds = [float(row["examples_per_second"]) for row in csv.DictReader(file)][1:]
            speed = statistics.median(speeds)
            alone = alone or speed
            print(f"{count} worker(s): {speed:,.0f} examples/s, {speed / alone:.2f} times one")
    return 0


if __name__ == "__main__":
    sys.exit(main())
