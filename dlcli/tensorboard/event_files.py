"""Event files of one run, one folder a split. A write that fails is told of once."""

from __future__ import annotations

import struct
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import numpy as np
import tensorflow as tf
from tensorboard.compat.proto import summary_pb2
from tensorboard.plugins.histogram.summary_v2 import histogram_pb
from tensorboard.plugins.image import metadata as image_metadata
from tensorboard.plugins.scalar.summary_v2 import scalar_pb
from tensorboard.plugins.text.summary_v2 import text_pb
from tensorboard.util import tensor_util

from dlcli.events import Events, Warned

Place = Literal["", "train", "validation", "test", "result"]
"""The folder of a split; "" for what is of the whole run, "result" for what runs compare by."""

_VERSION = "brain.Event:2"  # of the format, as TensorFlow's own first event gives it


class EventFiles:
    """Writes what TensorBoard reads.

    Events are written as they are made, not by another thread, so that a full disk is seen
    where it happens; and pictures as the PNG files that they are, which `tf.summary` would
    decode and encode again.

    Args:
        first_step: what older files hold from here on is taken back, as it is written again.
        events: told of the first write that fails.
    """

    def __init__(self, folder: Path, first_step: int, events: Events) -> None:
        self.folder = folder
        self._events = events
        self._writers: dict[Place, tf.io.TFRecordWriter] = {}
        self._first_step = first_step
        self._failed = False

    def scalar(self, place: Place, tag: str, value: float, step: int) -> None:
        """Write a number."""
        self.summary(place, scalar_pb(tag, value), step)

    def text(self, place: Place, tag: str, markdown: str, step: int) -> None:
        """Write a text in Markdown."""
        self.summary(place, text_pb(tag, markdown), step)

    def verbatim(self, place: Place, tag: str, text: str, step: int) -> None:
        """Write a text as it is, its lines and spaces kept."""
        # An indented block of Markdown, whose marks mean nothing in it.
        block = "".join(f"    {line}\n" for line in text.split("\n"))
        self.text(place, tag, block, step)

    def histogram(self, place: Place, tag: str, values: np.ndarray, step: int) -> None:
        """Write how numbers are distributed, over thirty ranges."""
        self.summary(place, histogram_pb(tag, values, buckets=30), step)

    def picture(self, place: Place, tag: str, png: bytes, step: int) -> None:
        """Write the content of a PNG file."""
        width, height = struct.unpack(">II", png[16:24])  # as the header of a PNG has them
        parts = np.array([b"%d" % width, b"%d" % height, png], object)
        self.tensor(place, tag, parts, image_metadata.create_summary_metadata(None, None), step)

    def tensor(self, place: Place, tag: str, values: np.ndarray, metadata: Any, step: int) -> None:
        """Write an array for the plugin of a `SummaryMetadata`."""
        summary = summary_pb2.Summary()
        tensor = tensor_util.make_tensor_proto(values)
        summary.value.add(tag=tag, metadata=metadata, tensor=tensor)
        self.summary(place, summary, step)

    def graph(self, place: Place, graph: Any) -> None:
        """Write a `GraphDef`."""
        self._write(place, 0, graph_def=graph.SerializeToString())

    def summary(self, place: Place, summary: Any, step: int) -> None:
        """Write a `Summary` of any plugin."""
        # TensorBoard and TensorFlow each have classes of their own for it.
        content = tf.compat.v1.Summary.FromString(summary.SerializeToString())
        self._write(place, step, summary=content)

    def flush(self) -> None:
        """Let TensorBoard see what has been written."""
        for writer in self._writers.values():
            self.guarded(writer.flush)

    def close(self) -> None:
        """End the files."""
        for writer in self._writers.values():
            self.guarded(writer.close)

    def guarded(self, write: Callable[[], None]) -> None:
        """Do something that may fail as a write does; nothing once one has failed."""
        if self._failed:
            return
        try:
            write()
        except (OSError, tf.errors.OpError) as error:
            self._failed = True
            reason = str(error).splitlines()[0]
            what = "TensorBoard logs cannot be written"
            self._events(Warned(f"{what} ({reason}); training goes on without them."))

    def _write(self, place: Place, step: int, **content: Any) -> None:
        event = tf.compat.v1.Event(wall_time=time.time(), step=step, **content)
        self.guarded(lambda: self._writer(place).write(event.SerializeToString()))

    def _writer(self, place: Place) -> tf.io.TFRecordWriter:
        if place not in self._writers:
            folder = self.folder / place
            folder.mkdir(parents=True, exist_ok=True)
            # The names of the files of one folder sort by their age.
            path = folder / f"events.out.tfevents.{time.time_ns()}.dlcli"
            self._writers[place] = writer = tf.io.TFRecordWriter(str(path))
            start = tf.compat.v1.SessionLog(status=tf.compat.v1.SessionLog.START)
            for event in (
                tf.compat.v1.Event(wall_time=time.time(), file_version=_VERSION),
                # From a second one on, what is older is taken back from this step on.
                tf.compat.v1.Event(wall_time=time.time(), step=self._first_step, session_log=start),
            ):
                writer.write(event.SerializeToString())
        return self._writers[place]
