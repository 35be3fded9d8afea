"""Kill a worker of two again and again; see that the end is that of an undisturbed job.

    python benchmarks/lost_worker.py --kills 3 digits-cnn training.epochs=4

Trains twice on two local workers: once left alone, once with SIGKILL to one worker after another,
each a moment after a checkpoint, and all workers started again. Ends with 0 where both are equal
to the bit.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from dlcli.devices.addresses import free_local
from dlcli.devices.cluster import Cluster
from dlcli.runs.run_dir import RunDir

Workers = list[subprocess.Popen[str]]


def main() -> int:
    """Kill and compare; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("recipe", nargs="+", help="a recipe, then overrides")
    options = parser.parse_args()
    chance = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        whole, killed = (RunDir(Path(folder, name)) for name in ("whole", "killed"))
        print("undisturbed:", ended(start(options.recipe, whole)))
        kills = 0
        while kills < options.kills:
            before = checkpoints(killed)
            workers = start(options.recipe, killed)
            while checkpoints(killed) == before and alive(workers):
                time.sleep(0.02)
            time.sleep(chance.uniform(0, 0.3))
            victim = kills % 2
            if not alive(workers):
                print("over before the kill:", ended(workers))
                break
            workers[victim].kill()
            moment = time.monotonic()
            codes = ended(workers)
            kills += 1
            seconds = time.monotonic() - moment
            print(f"worker {victim} killed: exit codes {codes}, {seconds:.1f} s later")
        print("started again:", ended(start(options.recipe, killed)))
        from dlcli.proof import comparison

        compared = comparison.compare(whole, killed)
        for each in compared:
            print(f"{each.what}: {each.differences or 'equal'}")
        return int(any(each.differences for each in compared))


def start(recipe: list[str], run: RunDir, num_workers: int = 2) -> Workers:
    """Start local workers, on ports that are free now."""
    addresses = free_local(num_workers)
    place = ("--runs-dir", str(run.path.parent), "--name", run.name, "--go-on", "--json")
    return [
        subprocess.Popen(
            [sys.executable, "-m", "dlcli", "train", *recipe, *place],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "TF_CONFIG": Cluster(addresses, index, "TF_CONFIG").tf_config()},
        )
        for index in range(num_workers)
    ]


def ended(workers: Workers) -> list[int]:
    """The exit codes of all, once they have ended."""
    return [(worker.communicate(timeout=600), worker.returncode)[1] for worker in workers]


def alive(workers: Workers) -> bool:
    """Whether none has ended."""
    return all(worker.poll() is None for worker in workers)


def checkpoints(run: RunDir) -> list[Path]:
    """Those that are there."""
    return sorted(run.checkpoints.glob("step-*"))


if __name__ == "__main__":
    sys.exit(main())
