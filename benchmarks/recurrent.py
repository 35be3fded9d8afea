"""Recurrent networks: training with dlcli against a plain Keras script and against PyTorch.

    python benchmarks/recurrent.py [--rounds N] [--batches N]

Two networks on made-up data, batches of 64, all sides on the same shapes, loss and accuracy
computed: `stacked`, the documented text generator (two LSTM layers of 128 over 100 steps of 65
symbols, an answer at every step, RMSprop), and `bidirectional`, the documented text classifier
without its recurrent dropout, which PyTorch does not have (words of a vocabulary of 20,000 as 128
numbers, two directions of 64 over 200 steps, dense 256, dropout 0.2, Adam).

Each side is a process of its own that waits while another one works; the sides take turns, the
figures are medians of the rounds. PyTorch runs where it is installed beside dlcli, eager, bfloat16
by autocast.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import sides

SIDES = (
    "plain Keras, float32",
    "dlcli, float32",
    "dlcli, bfloat16",
    "PyTorch, float32",
    "PyTorch, bfloat16",
)
NETWORKS = ("stacked", "bidirectional")
BATCH_SIZE = 64
STEPS = {"stacked": 100, "bidirectional": 200}
SYMBOLS, UNITS = 65, 128
VOCABULARY, EMBEDDED, WIDTH, DENSE, DROPOUT = 20_000, 128, 64, 256, 0.2


def main() -> None:
    """Run the sides and print the table, or be one side."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="turns of each side")
    parser.add_argument("--batches", type=int, default=12, help="batches a turn")
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.side:
        name, _, precision = arguments.side.partition(", ")
        work = {"plain Keras": _Keras, "dlcli": _Dlcli, "PyTorch": _Torch}[name](precision)
        sides.serve(lambda question: {"speed": work.turn(question["work"], arguments.batches)})
        return
    names = sides.installed(SIDES)
    print(f"{sides.machine()}\n")
    with sides.workers(__file__, names, "--batches", str(arguments.batches)) as ask:
        _print(sides.speeds(ask, names, NETWORKS, arguments.rounds))


def _print(speeds: dict[tuple[str, str], list[float]]) -> None:
    medians = sides.medians(speeds)
    print(
        "| network | side | sequences/s | lowest to highest | to plain Keras | to the better of ",
        end="",
    )
    print("plain Keras and PyTorch, same precision |\n|---|---|---|---|---|---|")
    for (side, network), median in sorted(medians.items(), key=lambda item: item[0][1]):
        plain = medians[SIDES[0], network]
        precision = side.partition(", ")[2]
        better = max(plain, medians.get((f"PyTorch, {precision}", network), 0.0))
        values = speeds[side, network]
        print(
            f"| {network} | {side} | {median:,.0f} | {min(values):,.0f} to {max(values):,.0f} | "
            f"{median / plain:.2f} | {median / better:.2f} |"
        )


def _arrays(network: str, batches: int) -> tuple[Any, Any]:
    """Tokens int32 (examples, steps), and targets of the same network."""
    import numpy as np

    generator = np.random.default_rng(0)
    count = batches * BATCH_SIZE
    if network == "stacked":
        tokens = generator.integers(0, SYMBOLS, (count, STEPS[network] + 1), np.int32)
        return tokens[:, :-1], tokens[:, 1:]
    tokens = generator.integers(2, VOCABULARY, (count, STEPS[network]), np.int32)
    return tokens, generator.integers(0, 2, count, np.int32)


class _Keras:
    """The plain script: NumPy arrays into `model.fit`."""

    def __init__(self, precision: str) -> None:
        self.prepared: dict[str, Any] = {}

    def prepare(self, network: str, batches: int) -> Any:
        import keras
        import numpy as np
        from keras import layers

        x, y = _arrays(network, batches)
        if network == "stacked":
            x = np.eye(SYMBOLS, dtype=np.float32)[x]
            model = keras.Sequential(
                [
                    keras.Input((STEPS[network], SYMBOLS)),
                    layers.LSTM(UNITS, return_sequences=True),
                    layers.LSTM(UNITS, return_sequences=True),
                    layers.Dense(SYMBOLS, activation="softmax"),
                ]
            )
        else:
            model = keras.Sequential(
                [
                    keras.Input((STEPS[network],), dtype="int32"),
                    layers.Embedding(VOCABULARY, EMBEDDED),
                    layers.Bidirectional(layers.LSTM(WIDTH, dropout=DROPOUT)),
                    layers.Dense(DENSE, activation="relu"),
                    layers.Dropout(DROPOUT),
                    layers.Dense(2, activation="softmax"),
                ]
            )
        optimizer = "rmsprop" if network == "stacked" else "adam"
        model.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
        return model, x, y

    def turn(self, network: str, batches: int) -> float:
        if network not in self.prepared:
            self.prepared[network] = self.prepare(network, batches)
        model, x, y = self.prepared[network]
        started = time.perf_counter()
        model.fit(x, y, batch_size=BATCH_SIZE, verbose=0)
        return len(x) / (time.perf_counter() - started)


class _Dlcli:
    """The steps that `dlcli train` takes."""

    def __init__(self, precision: str) -> None:
        self.precision = "mixed_bfloat16" if precision == "bfloat16" else precision
        self.prepared: dict[str, Any] = {}

    def prepare(self, network: str, batches: int) -> Any:
        from dlcli.recipe import schema
        from dlcli.training import loop, run

        with tempfile.TemporaryDirectory() as folder:
            name, source, overrides = self.written(network, batches, Path(folder))
            loaded = schema.load(
                name,
                [f"data.source={source}", f"training.precision={self.precision}", *overrides],
            )
            steps = run.prepare(loaded, events=lambda event: None)
        return steps, loop.train_calls(
            steps.loop.core, compiled=steps.recipe.training.compile == "xla"
        )

    def written(self, network: str, batches: int, folder: Path) -> tuple[str, Path, list[str]]:
        """A recipe, a file of its kind with the same numbers, and what makes them fit."""
        # What is held out comes on top, so that the train split has as many batches.
        x, y = _arrays(network, 2 * batches)
        if network == "stacked":
            letters = [chr(ord("0") + symbol) for symbol in range(SYMBOLS)]
            path = folder / "text.txt"
            path.write_text("".join(letters[symbol] for symbol in x.ravel()), encoding="utf-8")
            return "char-lstm", path, [f"preprocessing.sequence_length={STEPS[network]}"]
        path = folder / "texts.csv"
        texts = (" ".join(f"w{token}" for token in row) for row in x)
        lines = [f"{text},{label}" for text, label in zip(texts, y, strict=True)]
        path.write_text("\n".join(["text,label", *lines]), encoding="utf-8")
        overrides = [
            "model.recurrent_dropout=0",
            "preprocessing.min_token_count=1",
            f"preprocessing.sequence_length={STEPS[network]}",
        ]
        return "imdb-bilstm", path, overrides

    def turn(self, network: str, batches: int) -> float:
        import tensorflow as tf

        if network not in self.prepared:
            self.prepared[network] = self.prepare(network, batches)
        steps, call = self.prepared[network]
        started = time.perf_counter()
        call(iter(steps.train_batches(0, 0)), tf.constant(batches))
        steps.loop.core.get_metrics_result()["loss"].numpy()
        return batches * BATCH_SIZE / (time.perf_counter() - started)


class _Torch:
    """An eager PyTorch loop over tensors in memory."""

    def __init__(self, precision: str) -> None:
        self.reduced = precision == "bfloat16"
        self.prepared: dict[str, Any] = {}

    def prepare(self, network: str, batches: int) -> Any:
        import torch
        from torch import nn

        torch.manual_seed(0)
        x, y = (torch.from_numpy(array).long() for array in _arrays(network, batches))

        class Stacked(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.lstm = nn.LSTM(SYMBOLS, UNITS, 2, batch_first=True)
                self.scores = nn.Linear(UNITS, SYMBOLS)

            def forward(self, tokens: Any) -> Any:
                symbols = nn.functional.one_hot(tokens, SYMBOLS).float()
                return self.scores(self.lstm(symbols)[0]).transpose(1, 2)

        class Bidirectional(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.embedding = nn.Embedding(VOCABULARY, EMBEDDED)
                self.lstm = nn.LSTM(EMBEDDED, WIDTH, bidirectional=True, batch_first=True)
                self.dense = nn.Linear(2 * WIDTH, DENSE)
                self.scores = nn.Linear(DENSE, 2)

            def forward(self, tokens: Any) -> Any:
                dropped = nn.functional.dropout(self.embedding(tokens), DROPOUT)
                _, (last, _) = self.lstm(dropped)
                features = torch.relu(self.dense(torch.cat([last[0], last[1]], dim=1)))
                return self.scores(nn.functional.dropout(features, DROPOUT))

        if network == "stacked":
            model: Any = Stacked()
            return model, torch.optim.RMSprop(model.parameters(), lr=1e-3, alpha=0.9), x, y
        model = Bidirectional()
        return model, torch.optim.Adam(model.parameters(), lr=1e-3), x, y

    def turn(self, network: str, batches: int) -> float:
        import torch

        if network not in self.prepared:
            self.prepared[network] = self.prepare(network, batches)
        model, optimizer, x, y = self.prepared[network]
        started = time.perf_counter()
        order = torch.randperm(len(x))
        loss_sum, correct = torch.zeros(()), torch.zeros((), dtype=torch.long)
        for start in range(0, len(x), BATCH_SIZE):
            rows = order[start : start + BATCH_SIZE]
            optimizer.zero_grad(set_to_none=True)
            with torch.autocast("cpu", torch.bfloat16, enabled=self.reduced):
                scores = model(x[rows])
            loss = torch.nn.functional.cross_entropy(scores.float(), y[rows])
            loss.backward()
            optimizer.step()
            loss_sum += loss.detach() * len(rows)
            correct += (scores.argmax(1) == y[rows]).sum()
        float(loss_sum), int(correct)
        return len(x) / (time.perf_counter() - started)


if __name__ == "__main__":
    main()
