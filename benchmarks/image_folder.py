"""Reading a folder of pictures: dlcli against image_dataset_from_directory and a DataLoader.

    python benchmarks/image_folder.py FOLDER [--rounds N]

FOLDER has a subfolder for each class, or train/ with them, such as flowers128/. PyTorch is no
dependency of dlcli: its side runs where it is installed beside dlcli (`pip install torch`), with
Pillow decoding in as many processes as there are cores, and is left out where it is not.

Each side is a process of its own that makes two passes over the pictures, in batches of 64 at
128 x 128 RGB, shuffled. dlcli decodes all of them before its first pass, into a cache that is
empty at the beginning of each round; the passes after it, and those of later trainings, read
from there. The others decode in each pass. The sides take turns; medians of the rounds.
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
from collections.abc import Iterable
from importlib import util
from pathlib import Path
from typing import Any

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

SIDES = ("dlcli", "image_dataset_from_directory", "PyTorch DataLoader, Pillow")
BATCH_SIZE, SIZE = 64, 128


def main() -> None:
    """Run the rounds and print the table, or be one side."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="pictures, one subfolder a class")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each side")
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.side:
        print(json.dumps(_passes(arguments.side, arguments.folder)))
        return
    sides = [side for side in SIDES if "PyTorch" not in side or util.find_spec("torch")]
    speeds: dict[tuple[str, int], list[float]] = {}
    for number in range(arguments.rounds):
        for side in sides[number % len(sides) :] + sides[: number % len(sides)]:
            found = _measured(side, arguments.folder)
            for index, (count, seconds) in enumerate(found["passes"]):
                speeds.setdefault((side, index), []).append(count / seconds)
    _print(speeds, found["passes"][0][0])


def _print(speeds: dict[tuple[str, int], list[float]], count: int) -> None:
    print(f"{count:,} pictures, {len(os.sched_getaffinity(0))} cores\n")
    medians = {key: statistics.median(values) for key, values in speeds.items()}
    print("| side | pass | images/s | lowest to highest | dlcli, same pass / this |")
    print("|---|---|---|---|---|")
    for (side, index), median in medians.items():
        values = speeds[side, index]
        name = ("first", "second")[index]
        ratio = medians[SIDES[0], index] / median
        print(
            f"| {side} | {name} | {median:,.0f} | {min(values):,.0f} to {max(values):,.0f} | "
            f"{ratio:.2f} |"
        )


def _measured(side: str, folder: Path) -> Any:
    with tempfile.TemporaryDirectory() as cache:
        done = subprocess.run(
            [sys.executable, __file__, str(folder), "--side", side],
            check=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "XDG_CACHE_HOME": cache},
        )
    return json.loads(done.stdout.splitlines()[-1])


def _passes(side: str, folder: Path) -> dict[str, Any]:
    inner = folder / "train"
    folder = inner if inner.is_dir() else folder
    if side == "dlcli":
        from dlcli.training import pipeline  # noqa: F401 - imports are no part of a pass

        passes = [_timed(_dlcli(folder)) for _ in range(2)]
    else:
        batches = (_keras if side == SIDES[1] else _torch)(folder)
        passes = [_timed(batches) for _ in range(2)]
    return {"passes": passes}


def _timed(batches: Iterable[tuple[Any, Any]]) -> tuple[int, float]:
    started, count = time.perf_counter(), 0
    for _, targets in batches:
        count += len(targets)
    return count, time.perf_counter() - started


def _dlcli(folder: Path) -> Iterable[tuple[Any, Any]]:
    """A generator, so that reading the folder is part of the pass."""
    from dlcli import data
    from dlcli.recipe import schema
    from dlcli.training import pipeline

    overrides = [f'data.source="{folder}"', f"preprocessing.image_size=[{SIZE}, {SIZE}]"]
    splits = data.load(schema.load("image-cnn", overrides)).splits
    for split in vars(splits).values():
        yield from pipeline.train_batches(split, None, None, batch_size=BATCH_SIZE, seed=0, epoch=0)


def _keras(folder: Path) -> Iterable[tuple[Any, Any]]:
    import keras

    return keras.utils.image_dataset_from_directory(
        folder, image_size=(SIZE, SIZE), batch_size=BATCH_SIZE, shuffle=True, seed=0, verbose=False
    ).prefetch(-1)


def _torch(folder: Path) -> Iterable[tuple[Any, Any]]:
    import torch
    from torch.utils.data import DataLoader

    return DataLoader(
        _Pictures(folder),
        batch_size=BATCH_SIZE,
        shuffle=True,
        num_workers=len(os.sched_getaffinity(0)),
        persistent_workers=True,
        generator=torch.Generator().manual_seed(0),
    )


class _Pictures:
    """What a DataLoader reads: a picture as uint8 (height, width, 3), and its class."""

    def __init__(self, folder: Path) -> None:
        classes = sorted(path for path in folder.iterdir() if path.is_dir())
        self.files = [
            (path, index) for index, each in enumerate(classes) for path in sorted(each.iterdir())
        ]

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> tuple[Any, int]:
        import numpy as np
        from PIL import Image, ImageOps

        path, target = self.files[index]
        with Image.open(path) as image:
            turned = ImageOps.exif_transpose(image).convert("RGB")
        return np.asarray(turned.resize((SIZE, SIZE), Image.Resampling.BILINEAR)), target


if __name__ == "__main__":
    main()
