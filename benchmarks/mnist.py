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
import tempfile
import time
from pathlib import Path
from typing import Any

import sides

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
        name, _, precision = arguments.side.partition(", ")
        kinds = {"plain Keras": _Keras, "dlcli": _Dlcli, "PyTorch": _Torch}
        sides.serve(kinds[name](precision, arguments.images).answer)
        return
    names = sides.installed(SIDES)
    print(f"{sides.machine()}\n")
    with sides.workers(__file__, names, "--images", str(arguments.images)) as ask:
        _print_speeds(sides.speeds(ask, names, BATCH_SIZES, arguments.rounds))
        if not arguments.without_accuracy:
            jobs = [(SIDES[0], 32), *((name, 128) for name in names)]
            _print_times({(name, size): ask(name, {"train": size}) for name, size in jobs})


def _print_speeds(speeds: dict[tuple[str, int], list[float]]) -> None:
    medians = sides.medians(speeds)
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


def _arrays() -> Any:
    """MNIST as dlcli splits it: the train and the validation split."""
    from dlcli import data
    from dlcli.recipe import schema

    return data.load(schema.load("mnist-cnn", [f"data.validation_fraction={1 / 10}"]))


def _ended(started: float, accuracies: list[float]) -> dict[str, Any]:
    """How a training ended; the accuracies begin with that of no epoch."""
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "epochs": len(accuracies) - 1, "accuracy": accuracies[-1]}


class _Side:
    """A side: images a second of some steps, and a training until the goal."""

    def answer(self, question: dict[str, Any]) -> dict[str, Any]:
        if "train" in question:
            return self.train(question["train"])
        return {"speed": self.turn(question["work"])}


class _Keras(_Side):
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


class _Dlcli(_Side):
    """The steps that `dlcli train` takes, and a whole training."""

    def __init__(self, precision: str, images: int) -> None:
        self.precision = "mixed_bfloat16" if precision == "bfloat16" else precision
        self.images = images
        self.prepared: dict[int, Any] = {}

    def prepare(self, batch_size: int) -> Any:
        from dlcli.recipe import schema
        from dlcli.training import loop, run

        overrides = [f"training.batch_size={batch_size}", f"training.precision={self.precision}"]
        steps = run.prepare(schema.load("mnist-cnn", overrides), events=lambda event: None)
        return steps, loop.train_calls(
            steps.loop.core, compiled=steps.recipe.training.compile == "xla"
        )

    def turn(self, batch_size: int) -> float:
        import tensorflow as tf

        if batch_size not in self.prepared:
            self.prepared[batch_size] = self.prepare(batch_size)
        steps, call = self.prepared[batch_size]
        started = time.perf_counter()
        call(iter(steps.train_batches(0, 0)), tf.constant(self.images // batch_size))
        steps.loop.core.get_metrics_result()["loss"].numpy()
        return self.images / (time.perf_counter() - started)

    def train(self, batch_size: int) -> dict[str, Any]:
        from dlcli.events import EpochEnded, Started
        from dlcli.recipe import schema
        from dlcli.training import run

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
                schema.load("mnist-cnn", overrides),
                "mnist-cnn",
                Path(folder),
                events=report,
                stop=lambda: False,
            )
        reached = [number for number, mark in enumerate(marks) if mark[1] >= GOAL]
        epoch = reached[0] if reached else EPOCHS
        return {
            "seconds": marks[epoch][0] - marks[0][0],
            "epochs": epoch,
            "accuracy": marks[epoch][1],
        }


class _Torch(_Side):
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
