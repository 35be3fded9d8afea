"""What a run shows in TensorBoard. A write that fails is told of once and never stops training."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from dlcli.artifacts.keras_file import input_spec
from dlcli.evaluation import plots


class TensorBoardLog:
    """Event files of one run.

    Scalars of the train and validation splits carry the same tag in two
    folders, `train` and `validation`, so that TensorBoard draws them in one
    chart. The step of a scalar is the epoch.

    Args:
        folder: the run's `tensorboard` folder.
        warn: told of the first write that fails.
    """

    def __init__(self, folder: Path, warn: Callable[[str], None]) -> None:
        self._folder = folder
        self._warn = warn
        self._writers: dict[str, tf.summary.SummaryWriter] = {}
        self._failed = False

    def epoch(self, row: dict[str, float], examples_per_second: float, unit: str) -> None:
        """Write one epoch of the history; `unit` is what examples are called."""
        epoch = int(row["epoch"])

        def write() -> None:
            for name, value in row.items():
                if name == "epoch":
                    continue
                split = "validation" if name.startswith("val_") else "train"
                with self._writer(split).as_default(step=epoch):
                    tf.summary.scalar(name.removeprefix("val_"), value)
            with self._writer("train").as_default(step=epoch):
                tf.summary.scalar(f"{unit}_per_second", examples_per_second)
            for writer in self._writers.values():
                writer.flush()

        self._guarded(write)

    def examples(self, images: np.ndarray, titles: Sequence[str], tag: str, step: int) -> None:
        """Write a grid of images (num_images, height, width, channels) with a title each."""

        def write() -> None:
            buffer = io.BytesIO()
            plots.image_grid(images, titles, buffer)
            self._image(buffer.getvalue(), tag, step)

        self._guarded(write)

    def picture(self, path: Path, tag: str, step: int) -> None:
        """Write a PNG file."""
        self._guarded(lambda: self._image(path.read_bytes(), tag, step))

    def text(self, text: str, tag: str, step: int) -> None:
        """Write a text as it is, its lines and spaces kept."""

        def write() -> None:
            # An indented block of Markdown, whose marks mean nothing in it.
            block = "".join(f"    {line}\n" for line in text.split("\n"))
            with self._writer("train").as_default(step=step):
                tf.summary.text(tag, block)

        self._guarded(write)

    def graph(self, model: keras.Model) -> None:
        """Write the model as a graph."""

        def write() -> None:
            function = tf.function(lambda raw: model(raw, training=False))
            concrete = function.get_concrete_function(input_spec(model))
            with self._writer("train").as_default(step=0):
                tf.summary.graph(concrete.graph)

        self._guarded(write)

    def close(self) -> None:
        """Flush and close the event files."""
        for writer in self._writers.values():
            self._guarded(writer.close)

    def _image(self, png: bytes, tag: str, step: int) -> None:
        with self._writer("train").as_default(step=step):
            tf.summary.image(tag, tf.image.decode_png(png, channels=3)[None])

    def _writer(self, split: str) -> tf.summary.SummaryWriter:
        if split not in self._writers:
            self._writers[split] = tf.summary.create_file_writer(str(self._folder / split))
        return self._writers[split]

    def _guarded(self, write: Callable[[], None]) -> None:
        if self._failed:
            return
        try:
            write()
        except (OSError, tf.errors.OpError) as error:
            self._failed = True
            reason = str(error).splitlines()[0]
            self._warn(
                f"TensorBoard logs cannot be written ({reason}); training goes on without them."
            )
