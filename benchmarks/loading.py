"""Reading tables and texts of many rows: dlcli against a plain Keras script and a PyTorch one.

    python benchmarks/loading.py [--rows N ...] [--kinds table text]

The work: from a CSV file on disk to one pass over shuffled batches of 256 that a network takes,
and then a second pass. A table has eight columns of numbers, one of ten categories and a number to
predict; a text has 12 words of a vocabulary of 5,000, one of four classes, and is cut to 16 tokens.

- dlcli: what `dlcli train` does before its first step (reading, splits, fitting the preprocessor,
  numbers), then the batches of the train and the validation split.
- plain Keras: `make_csv_dataset` with its own shuffle buffer, and layers that are adapted to it
  (`Normalization`, `StringLookup`, `TextVectorization`).
- PyTorch: Python's csv module, a vocabulary or means in NumPy, and tensors in memory that a random
  permutation is taken of. Only where PyTorch is installed beside dlcli.

Each figure is of a process of its own: seconds until the end of the first pass, seconds of the
second, and the most memory that the process held.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import sides

SIDES = ("dlcli", "plain Keras", "PyTorch")
BATCH_SIZE, WORDS, TOKENS, VOCABULARY, CHUNK = 256, 12, 16, 5_000, 100_000
NUMBERS = [f"n{index}" for index in range(8)]


def main() -> None:
    """Write the files, run the sides on them, print the table; or be one side."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--kinds", nargs="+", choices=("table", "text"), default=["table", "text"])
    parser.add_argument("--sides", nargs="+", choices=SIDES, default=list(SIDES))
    parser.add_argument("--side", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.side:
        name, kind, path = json.loads(arguments.side)
        print(json.dumps(_be(name, kind, Path(path))))
        return
    print(
        f"{sides.machine()}\n\n| kind | rows | MB | side | first pass (s) | second (s) | ", end=""
    )
    print("peak memory (GB) |\n|---|---:|---:|---|---:|---:|---:|")
    for kind in arguments.kinds:
        for rows in arguments.rows:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder, f"{kind}.csv")
                _write(kind, rows, path)
                size = path.stat().st_size / 1e6
                for side in sides.installed(arguments.sides):
                    found = _measured(side, kind, path, folder)
                    print(f"| {kind} | {rows:,} | {size:,.0f} | {side} | {found} |", flush=True)


def _measured(side: str, kind: str, path: Path, folder: str) -> str:
    done = subprocess.run(
        [sys.executable, __file__, "--side", json.dumps([side, kind, str(path)])],
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "XDG_CACHE_HOME": folder},
    )
    if done.returncode:
        return f"ended with {done.returncode} | | "
    found = json.loads(done.stdout.splitlines()[-1])
    first, second = found["passes"]
    return f"{first:.1f} | {second:.1f} | {found['peak'] / 1e9:.2f}"


def _write(kind: str, rows: int, path: Path) -> None:
    import numpy as np
    import polars as pl

    generator = np.random.default_rng(0)
    words = np.array([f"w{index}" for index in range(VOCABULARY)])
    with path.open("wb") as file:
        for start in range(0, rows, CHUNK):
            count = min(CHUNK, rows - start)
            if kind == "table":
                numbers = generator.normal(size=(count, len(NUMBERS))).round(4)
                columns: dict[str, Any] = dict(zip(NUMBERS, numbers.T, strict=True))
                columns["category"] = words[generator.integers(0, 10, count)]
                columns["target"] = (numbers.sum(1) + generator.normal(size=count)).round(4)
            else:
                picked = words[generator.integers(0, VOCABULARY, (count, WORDS))]
                columns = {"text": [" ".join(row) for row in picked]}
                columns["label"] = np.array(["a", "b", "c", "d"])[generator.integers(0, 4, count)]
            pl.DataFrame(columns).write_csv(file, include_header=start == 0)


def _be(side: str, kind: str, path: Path) -> dict[str, Any]:
    work = {"dlcli": _dlcli, "plain Keras": _keras, "PyTorch": _torch}[side]
    import_time = time.perf_counter()
    if side != "PyTorch":
        import keras  # noqa: F401 - imports are no part of the work
    else:
        import torch  # noqa: F401
    started = time.perf_counter()
    passes = work(kind, path)
    next(passes)
    first = time.perf_counter()
    next(passes)
    return {
        "passes": [first - started, time.perf_counter() - first],
        "imports": started - import_time,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }


def _consume(batches: Any) -> None:
    for _ in batches:
        pass


def _dlcli(kind: str, path: Path) -> Any:
    from dlcli import data, preprocessing
    from dlcli.recipe import schema
    from dlcli.training import pipeline

    name, overrides = "text-mean", [f"preprocessing.sequence_length={TOKENS}"]
    if kind == "table":
        name, overrides = "table-mlp", ["task=table-regression", "data.target=target"]
    loaded = schema.load(name, [f'data.source="{path}"', "data.test_fraction=0.1", *overrides])
    splits, spec = (dataset := data.load(loaded)).splits, dataset.spec
    preprocessor = preprocessing.adapt(loaded, splits.train, spec)
    made = [
        (preprocessing.numbers(loaded, split, preprocessor), split)
        for split in (splits.train, splits.validation, splits.test)
    ]
    for epoch in range(2):
        for numbers, split in made:
            arguments = {"batch_size": BATCH_SIZE, "seed": 0, "epoch": epoch}
            if numbers is not None:
                _consume(pipeline.train_batches(numbers, None, None, **arguments))
            else:
                _consume(pipeline.train_batches(split, preprocessor, None, **arguments))
        yield


def _keras(kind: str, path: Path) -> Any:
    import tensorflow as tf
    from keras import layers

    label = "target" if kind == "table" else "label"
    batches = tf.data.experimental.make_csv_dataset(
        str(path), BATCH_SIZE, label_name=label, num_epochs=1, shuffle_seed=0
    )
    if kind == "table":
        scale, lookup = layers.Normalization(), layers.StringLookup(output_mode="one_hot")
        scale.adapt(batches.map(lambda x, y: tf.stack([x[name] for name in NUMBERS], 1)))
        lookup.adapt(batches.map(lambda x, y: x["category"]))

        def numbers(x: Any, y: Any) -> Any:
            scaled = scale(tf.stack([x[name] for name in NUMBERS], 1))
            hot = tf.cast(lookup(x["category"]), tf.float32)
            return tf.concat([scaled, hot], 1), y
    else:
        tokens = layers.TextVectorization(VOCABULARY, output_sequence_length=TOKENS)
        tokens.adapt(batches.map(lambda x, y: x["text"]))
        classes = layers.StringLookup()
        classes.adapt(batches.map(lambda x, y: y))

        def numbers(x: Any, y: Any) -> Any:
            return tokens(x["text"]), classes(y)

    made = batches.map(numbers, num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)
    for _ in range(2):
        _consume(made)
        yield


def _torch(kind: str, path: Path) -> Any:
    import csv
    from collections import Counter

    import numpy as np
    import torch

    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        if kind == "table":
            values, names, y = [], [], []
            for row in rows:
                values.append([float(cell) for cell in row[:8]])
                names.append(row[8])
                y.append(float(row[9]))
            x = np.array(values, np.float32)
            x = (x - x.mean(0)) / x.std(0)
            places = {name: place for place, name in enumerate(sorted(set(names)))}
            hot = np.eye(len(places), dtype=np.float32)[[places[name] for name in names]]
            inputs, targets = np.concatenate([x, hot], 1), np.array(y, np.float32)
        else:
            texts, labels = [], []
            for text, label in rows:
                texts.append(text.lower().split())
                labels.append(label)
            counted = Counter(word for words in texts for word in words)
            known = {word: place + 2 for place, (word, _) in enumerate(counted.most_common())}
            inputs = np.zeros((len(texts), TOKENS), np.int32)
            for place, words in enumerate(texts):
                ids = [known[word] for word in words[:TOKENS]]
                inputs[place, : len(ids)] = ids
            places = {name: place for place, name in enumerate(sorted(set(labels)))}
            targets = np.array([places[label] for label in labels])
    x, y = torch.from_numpy(inputs), torch.from_numpy(targets)
    for _ in range(2):
        order = torch.randperm(len(x))
        _consume((x[part], y[part]) for part in order.split(BATCH_SIZE))
        yield


if __name__ == "__main__":
    main()
