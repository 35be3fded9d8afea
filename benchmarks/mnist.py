"""MNIST with the documented CNN: dlcli against a plain Keras script and against PyTorch.

    python benchmarks/mnist.py [--rounds N] [--images N] [--without-accuracy]

PyTorch is no dependency of dlcli. Its side runs where it is installed beside dlcli
(`pip install torch==2.13.0`, the wheel for CPUs) and is left out where it is not.

Each side is a process of its own that waits while another one works. Images a second: after a
first epoch that is not counted, the sides take turns to train on the same number of images; the
figures are medians of the rounds. All sides shuffle, scale the pixels, and compute loss and
accuracy. The plain script is `model.fit` on NumPy arrays; PyTorch is eager, with channels last,
and bfloat16 by autocast.

Time to 99 %: training only, graphs included, until an epoch's validation accuracy (6,000 images
held out of the 60,000) reaches 99 %. The plain script is as documented: Adam at 1e-3. dlcli and
PyTorch train with the same one-cycle schedule over three epochs, batch 128.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import metadata, util
from pathlib import Path
from typing import Any

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

BATCH_SIZES = (32, 128)
SIDES = (
    "plain Keras, float32",
    "dlcli, float32",
    "dlcli, bfloat16",
    "PyTorch, float32",
    "PyTorch, bfloat16",
)
GOAL, EPOCHS, PEAK, MOST_EPOCHS = 0.99, 3, 3e-3, 8


def main() -> None:
    """Run the sides and print the tables, or be one side."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="turns of each side")
    parser.add_argument("--images", type=int, default=12_800, help="images a turn")
    parser.add_argument(
        "--without-accuracy", action="store_true", help="leave the time to 99 %% out"
    )
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.side:
        _serve(arguments.side, arguments.images)
        return
    sides = [side for side in SIDES if "PyTorch" not in side or util.find_spec("torch")]
    print(f"{_machine()}\n")
    with _workers(sides, arguments.images) as ask:
        speeds: dict[tuple[str, int], list[float]] = {}
        for side in sides:  # builds graphs, fills caches
            for batch_size in BATCH_SIZES:
                ask(side, {"batch_size": batch_size})
        for number in range(arguments.rounds):
            # The order turns, so that a drift of the machine's speed favours nobody.
            for side in sides[number % len(sides) :] + sides[: number % len(sides)]:
                for batch_size in BATCH_SIZES:
                    speed = ask(side, {"batch_size": batch_size})["images_per_second"]
                    speeds.setdefault((side, batch_size), []).append(speed)
        _print_speeds(speeds)
        if not arguments.without_accuracy:
            jobs = [(side, 128) for side in sides]
            jobs.insert(0, (sides[0], 32))
            _print_times({job: ask(job[0], {"until": GOAL, "batch_size": job[1]}) for job in jobs})


def _print_speeds(speeds: dict[tuple[str, int], list[float]]) -> None:
    medians = {side: statistics.median(values) for side, values in speeds.items()}
    print("| side | batch | images/s | lowest to highest | to plain Keras, same batch | ", end="")
    print("to plain Keras, batch 32 | to PyTorch, same batch and precision |")
    print("|---|---|---|---|---|---|---|")
    for (side, batch_size), median in sorted(medians.items(), key=lambda item: item[0][1]):
        values = speeds[side, batch_size]
        torch = medians.get((f"PyTorch, {side.partition(', ')[2]}", batch_size))
        ratio = f"{median / torch:.2f}" if torch else "-"
        print(
            f"| {side} | {batch_size} | {median:,.0f} | {min(values):,.0f} to {max(values):,.0f} | "
            f"{median / medians[SIDES[0], batch_size]:.2f} | {median / medians[SIDES[0], 32]:.2f} "
            f"| {ratio} |"
        )
    print(flush=True)


def _print_times(found: dict[tuple[str, int], dict[str, Any]]) -> None:
    plain = found[SIDES[0], 32]["seconds"]
    print("| side | batch | time to 99 % | epochs | validation accuracy | plain Keras / this |")
    print("|---|---|---|---|---|---|")
    for (side, batch_size), result in found.items():
        reached = result["accuracy"] >= GOAL
        seconds = f"{result['seconds']:.1f} s" if reached else f"not in {result['seconds']:.1f} s"
        ratio = f"{plain / result['seconds']:.2f}" if reached else "-"
        print(
            f"| {side} | {batch_size} | {seconds} | {result['epochs']} | "
            f"{100 * result['accuracy']:.2f} % | {ratio} |"
        )


def _machine() -> str:
    names = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        if line.startswith("model name")
    ]
    packages = ["tensorflow", "keras", *(["torch"] if util.find_spec("torch") else [])]
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in packages)
    features = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    kind = "with" if "avx512_bf16" in features or "amx_bf16" in features else "without"
    return (
        f"{len(os.sched_getaffinity(0))} cores of {names[0] if names else platform.machine()}, "
        f"{kind} products of bfloat16; Python {platform.python_version()}, {versions}"
    )


@contextmanager
def _workers(
    sides: list[str], images: int
) -> Iterator[Callable[[str, dict[str, Any]], dict[str, Any]]]:
    """One process a side; a function asks one of them for one piece of work."""
    started = {
        side: subprocess.Popen(
            [sys.executable, __file__, "--side", side, "--images", str(images)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        for side in sides
    }

    def ask(side: str, question: dict[str, Any]) -> dict[str, Any]:
        process = started[side]
        process.stdin.write(json.dumps(question) + "\n")
        process.stdin.flush()
        answer = process.stdout.readline()
        if not answer:
            raise SystemExit(f"the side '{side}' ended without an answer")
        return json.loads(answer)

    try:
        yield ask
    finally:
        for process in started.values():
            process.kill()
            process.wait()


def _serve(side: str, images: int) -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever a library prints is no answer
    name, _, precision = side.partition(", ")
    work = {"plain Keras": _Keras, "dlcli": _Dlcli, "PyTorch": _Torch}[name](precision, images)
    for line in sys.stdin:
        question = json.loads(line)
        if "until" in question:
            answer = work.train(question["batch_size"])
        else:
            answer = {"images_per_second": work.turn(question["batch_size"])}
        print(json.dumps(answer), file=answers, flush=True)


def _arrays() -> Any:
    """MNIST as dlcli splits it: the train and the validation split."""
    from dlcli import data, recipe

    return data.load(recipe.load("mnist-cnn", [f"data.validation_fraction={1 / 10}"]))


def _ended(started: float, accuracies: list[float]) -> dict[str, Any]:
    """How a training ended; the accuracies begin with that of no epoch."""
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "epochs": len(accuracies) - 1, "accuracy": accuracies[-1]}


class _Keras:
    """The plain script: NumPy arrays into `model.fit`."""

    def __init__(self, precision: str, images: int) -> None:
        splits = _arrays().splits
        pairs = [split.gather(range(len(split))) for split in (splits.train, splits.validation)]
        (self.x, self.y), (self.vx, self.vy) = ((x.astype("float32") / 255, y) for x, y in pairs)
        self.images = images
        self.models: dict[int, Any] = {}

    def model(self) -> Any:
        import keras
        from keras import layers

        keras.utils.set_random_seed(0)
        model = keras.Sequential(
            [
                keras.Input((28, 28, 1)),
                layers.Conv2D(32, 3, activation="relu"),
                layers.MaxPooling2D(2),
                layers.Conv2D(64, 3, activation="relu"),
                layers.MaxPooling2D(2),
                layers.Flatten(),
                layers.Dense(128, activation="relu"),
                layers.Dense(10, activation="softmax"),
            ]
        )
        model.compile("adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
        return model

    def turn(self, batch_size: int) -> float:
        model = self.models.setdefault(batch_size, None) or self.model()
        self.models[batch_size] = model
        started = time.perf_counter()
        model.fit(self.x[: self.images], self.y[: self.images], batch_size=batch_size, verbose=0)
        return self.images / (time.perf_counter() - started)

    def train(self, batch_size: int) -> dict[str, Any]:
        model, started = self.model(), time.perf_counter()
        accuracies = [0.0]
        while accuracies[-1] < GOAL and len(accuracies) <= MOST_EPOCHS:
            history = model.fit(
                self.x,
                self.y,
                batch_size=batch_size,
                validation_data=(self.vx, self.vy),
                verbose=0,
            )
            accuracies += history.history["val_accuracy"]
        return _ended(started, accuracies)


class _Dlcli:
    """The loop of dlcli for images a second, and a whole training as `dlcli train` does it."""

    def __init__(self, precision: str, images: int) -> None:
        self.precision = "mixed_bfloat16" if precision == "bfloat16" else precision
        self.images = images
        self.dataset = _arrays()
        self.loops: dict[int, Any] = {}

    def loop(self, batch_size: int) -> Any:
        import keras
        import numpy as np

        from dlcli import preprocessing, recipe, tasks
        from dlcli.data import Split
        from dlcli.training import pipeline
        from dlcli.training.loop import Loop

        keras.utils.set_random_seed(0)
        loaded, splits, spec = recipe.load("mnist-cnn"), self.dataset.splits, self.dataset.spec
        preprocessor = preprocessing.adapt(loaded, splits.train, spec)
        core = tasks.build_core(loaded, preprocessor, spec, self.precision)
        core.compile(
            keras.optimizers.Adam(),
            loss="sparse_categorical_crossentropy",
            metrics=["accuracy"],
            jit_compile=False,
        )
        rows, names = splits.train.rows, splits.train.names
        inputs, targets = splits.train.inputs, splits.train.targets
        train = Split(inputs, targets, rows[: self.images], names)
        validation = Split(inputs, targets, np.array(rows[:batch_size]), names)
        loop = Loop(
            core,
            lambda epoch, first_step: pipeline.train_batches(
                train,
                preprocessor,
                None,
                batch_size=batch_size,
                seed=0,
                epoch=epoch,
                first_step=first_step,
            ),
            pipeline.evaluation_batches(validation, preprocessor, batch_size=batch_size),
            num_train=len(train),
            num_validation=len(validation),
            batch_size=batch_size,
            epochs=1,
            monitor="accuracy",
            higher_is_better=True,
            early_stopping_epochs=None,
            max_seconds=None,
            checkpoint_seconds=1e9,
        )
        loop.prepare()
        return loop

    def turn(self, batch_size: int) -> float:
        from dlcli.training.events import EpochEnded
        from dlcli.training.loop import Position

        if batch_size not in self.loops:
            self.loops[batch_size] = self.loop(batch_size)
        loop, speeds = self.loops[batch_size], []
        loop.position = Position()  # another epoch of the same training

        def report(event: Any) -> None:
            if isinstance(event, EpochEnded):
                speeds.append(event.examples_per_second)

        loop.run(save=lambda: None, report=report, stop=lambda: False)
        return speeds[0]

    def train(self, batch_size: int) -> dict[str, Any]:
        from dlcli import recipe
        from dlcli.training import run
        from dlcli.training.events import EpochEnded, Started

        overrides = [
            f"training.epochs={EPOCHS}",
            f"training.batch_size={batch_size}",
            f"training.learning_rate={PEAK}",
            "training.schedule=one-cycle",
            f"training.precision={self.precision}",
        ]
        marks: list[tuple[float, float]] = []

        def report(event: Any) -> None:
            if isinstance(event, Started):
                marks.append((time.perf_counter(), 0.0))
            elif isinstance(event, EpochEnded):
                marks.append((time.perf_counter(), event.row["val_accuracy"]))

        with tempfile.TemporaryDirectory() as folder:
            run.train(
                recipe.load("mnist-cnn", overrides),
                "mnist-cnn",
                Path(folder),
                report=report,
                stop=lambda: False,
            )
        reached = [number for number, mark in enumerate(marks) if mark[1] >= GOAL]
        epoch = reached[0] if reached else EPOCHS
        return {
            "seconds": marks[epoch][0] - marks[0][0],
            "epochs": epoch,
            "accuracy": marks[epoch][1],
        }


class _Torch:
    """An eager PyTorch loop over tensors in memory."""

    def __init__(self, precision: str, images: int) -> None:
        import torch

        splits = _arrays().splits
        pairs = [split.gather(range(len(split))) for split in (splits.train, splits.validation)]
        (self.x, self.y), (self.vx, self.vy) = (
            (torch.from_numpy(x).permute(0, 3, 1, 2).contiguous(), torch.from_numpy(y).long())
            for x, y in pairs
        )
        self.reduced = precision == "bfloat16"
        self.images = images
        self.models: dict[int, Any] = {}

    def model(self) -> Any:
        import torch
        from torch import nn

        torch.manual_seed(0)
        model = nn.Sequential(
            nn.Conv2d(1, 32, 3),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 3),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(1600, 128),
            nn.ReLU(),
            nn.Linear(128, 10),
        ).to(memory_format=torch.channels_last)
        return model, torch.optim.Adam(model.parameters(), lr=1e-3)

    def epoch(self, model: Any, optimizer: Any, num: int, batch_size: int, rate: Any) -> None:
        import torch

        order = torch.randperm(num)
        loss_sum, correct = torch.zeros(()), torch.zeros((), dtype=torch.long)
        for start in range(0, num, batch_size):
            rows = order[start : start + batch_size]
            x = self.x[rows].to(torch.float32).div_(255)
            x, y = x.contiguous(memory_format=torch.channels_last), self.y[rows]
            optimizer.zero_grad(set_to_none=True)
            with torch.autocast("cpu", torch.bfloat16, enabled=self.reduced):
                scores = model(x)
            loss = torch.nn.functional.cross_entropy(scores.float(), y)
            loss.backward()
            optimizer.step()
            if rate:
                rate.step()
            loss_sum += loss.detach() * len(rows)
            correct += (scores.argmax(1) == y).sum()
        float(loss_sum), int(correct)

    def turn(self, batch_size: int) -> float:
        if batch_size not in self.models:
            self.models[batch_size] = self.model()
        started = time.perf_counter()
        self.epoch(*self.models[batch_size], self.images, batch_size, None)
        return self.images / (time.perf_counter() - started)

    def train(self, batch_size: int) -> dict[str, Any]:
        import torch

        model, optimizer = self.model()
        steps = EPOCHS * -(-len(self.x) // batch_size)
        rate = torch.optim.lr_scheduler.OneCycleLR(optimizer, PEAK, total_steps=steps + 1)
        started = time.perf_counter()
        accuracies = [0.0]
        while accuracies[-1] < GOAL and len(accuracies) <= EPOCHS:
            self.epoch(model, optimizer, len(self.x), batch_size, rate)
            accuracies.append(self.accuracy(model))
        return _ended(started, accuracies)

    def accuracy(self, model: Any) -> float:
        import torch

        correct = 0
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, enabled=self.reduced):
            for start in range(0, len(self.vx), 256):
                x = self.vx[start : start + 256].to(torch.float32) / 255
                x = x.contiguous(memory_format=torch.channels_last)
                correct += int((model(x).argmax(1) == self.vy[start : start + 256]).sum())
        return correct / len(self.vx)


if __name__ == "__main__":
    main()
