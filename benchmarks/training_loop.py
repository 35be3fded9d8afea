"""What dlcli's training loop costs over a bare `model.fit` on the same input pipeline.

    python benchmarks/training_loop.py [--pairs N] [--seconds S]

Both sides train the documented CNN, from the same weights, on the same batches (made-up images of
MNIST's size), in turn. A pair is one run of each; the ratio is dlcli's time over fit's. Each side
validates at the end of each epoch and computes the same metrics.
"""

from __future__ import annotations

import argparse
import math
import os
import statistics
import time

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np

from dlcli import preprocessing, tasks
from dlcli.data import DataSpec, Split
from dlcli.recipe import schema
from dlcli.recipe.sections.image import Augmentation
from dlcli.training import environment, pipeline
from dlcli.training.loop import Batches, Limits, Loop

NUM_TRAIN, NUM_VALIDATION, BATCH_SIZE = 19_200, 1_280, 64
SPEC = DataSpec((28, 28, 1), "uint8", tuple("0123456789"), "")


def main() -> None:
    """Run the pairs and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=5, help="runs of each side")
    parser.add_argument("--seconds", type=float, default=60, help="shortest run")
    arguments = parser.parse_args()
    train, validation = _split(NUM_TRAIN, 0), _split(NUM_VALIDATION, 1)
    # Warms up, and tells how many epochs are enough, without the time that building takes.
    one, three = _fit(train, validation, 1), _fit(train, validation, 3)
    epochs = max(1, math.ceil(1.2 * arguments.seconds / ((three - one) / 2)))
    print(f"{environment.device()}; {epochs} epochs of {NUM_TRAIN:,} images a run\n")
    print("| pair | model.fit (s) | dlcli (s) | ratio |\n|---|---|---|---|")
    ratios = []
    for pair in range(arguments.pairs):
        sides = [("fit", _fit), ("dlcli", _dlcli)]
        if pair % 2:
            sides.reverse()  # so that a drift of the machine's speed favours neither
        seconds = {name: side(train, validation, epochs) for name, side in sides}
        ratios.append(seconds["dlcli"] / seconds["fit"])
        row = f"| {pair + 1} | {seconds['fit']:.1f} | {seconds['dlcli']:.1f} | {ratios[-1]:.3f} |"
        print(row, flush=True)
    low, high = _interval(ratios)
    print(f"\nmedian ratio {statistics.median(ratios):.3f}, 95 % interval {low:.3f} to {high:.3f}")


def _split(count: int, seed: int) -> Split:
    generator = np.random.default_rng(seed)
    images = generator.integers(0, 256, (count, 28, 28, 1), np.uint8)
    return Split(images, generator.integers(0, 10, count, np.int32), np.arange(count), [""] * count)


def _core(train: Split) -> tuple[keras.Model, keras.Model]:
    keras.utils.set_random_seed(0)
    loaded = schema.load("mnist-cnn")
    preprocessor = preprocessing.adapt(loaded, train, SPEC)
    core = tasks.build_core(loaded, preprocessor, SPEC, "float32")
    core.compile(
        keras.optimizers.Adam(),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
        jit_compile=False,
    )
    return preprocessor, core


def _batches(train: Split, preprocessor: keras.Model, epoch: int, first_step: int = 0) -> object:
    return pipeline.train_batches(
        train,
        preprocessor,
        Augmentation(),
        batch_size=BATCH_SIZE,
        seed=0,
        epoch=epoch,
        first_step=first_step,
    )


def _fit(train: Split, validation: Split, epochs: int) -> float:
    preprocessor, core = _core(train)
    started = time.perf_counter()
    core.fit(
        _batches(train, preprocessor, 0),
        validation_data=pipeline.evaluation_batches(
            validation, preprocessor, batch_size=BATCH_SIZE
        ),
        epochs=epochs,
        verbose=0,
    )
    return time.perf_counter() - started


def _dlcli(train: Split, validation: Split, epochs: int) -> float:
    preprocessor, core = _core(train)
    started = time.perf_counter()
    batches = Batches(
        lambda epoch, first_step: _batches(train, preprocessor, epoch, first_step),
        pipeline.evaluation_batches(validation, preprocessor, batch_size=BATCH_SIZE),
        num_train=NUM_TRAIN,
        num_validation=NUM_VALIDATION,
        size=BATCH_SIZE,
    )
    limits = Limits(epochs, early_stopping_epochs=None, max_seconds=None, checkpoint_seconds=1e9)
    loop = Loop(core, batches, limits, monitor="accuracy")
    loop.prepare()
    loop.run(save=loop.state, events=lambda event: None, stop=lambda: False)
    return time.perf_counter() - started


def _interval(ratios: list[float]) -> tuple[float, float]:
    """Bootstrap interval of the median."""
    generator = np.random.default_rng(0)
    medians = np.median(generator.choice(ratios, (10_000, len(ratios))), axis=1)
    return float(np.quantile(medians, 0.025)), float(np.quantile(medians, 0.975))


if __name__ == "__main__":
    main()
