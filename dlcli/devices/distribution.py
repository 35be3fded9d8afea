"""The devices of a training, and the other workers: found, waited for, and watched."""

from __future__ import annotations

import functools
import os
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import tensorflow as tf

from dlcli import kinds, private_api
from dlcli.devices.cluster import Cluster
from dlcli.devices.local import Devices
from dlcli.devices.replicas import Replicas
from dlcli.errors import DlcliError, RecipeError, UsageError, WorkerLostError
from dlcli.events import Chosen, Events, Stage, Warned
from dlcli.recipe.sections import Training

_PROBE_SECONDS = 1.0  # between two looks at the other workers
_ANSWER_SECONDS = 3.0  # in which a host opens a connection
_UNANSWERED = 2  # times in a row that a worker may not answer
_STUCK_SECONDS = 20.0  # in which a worker that knows of a loss comes to its end
_PATIENCE_SECONDS = 30.0  # before it is said who is waited for
_LONGEST_WAIT_SECONDS = 1800.0  # for others to start: a queue, an image that is pulled
# What a step ends with where its sum over all workers cannot be had.
_LOSSES = (
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.DeadlineExceededError,
    tf.errors.UnavailableError,
)


@contextmanager
def started(devices: Devices | None, cluster: Cluster | None, events: Events) -> Iterator[Replicas]:
    """Take the devices, and meet the other workers; before TensorFlow's first operation.

    Args:
        devices: None for one, of a worker for all GPUs it has.
        cluster: the workers, of which this process is one; None for this process alone.

    Yields:
        The replicas.

    Raises:
        UsageError: there are no such devices.
        WorkerLostError: another worker is gone; raised in place of what came of it.
    """
    if cluster is None:
        yield Replicas(_local(devices))
        return
    strategy = _connected(devices, cluster, events)
    names = [f"worker {index} ({address})" for index, address in enumerate(cluster.workers)]
    watch = _Watch(cluster, names, events)
    try:
        yield Replicas(strategy, cluster.index, names, part=watch.end)
    except tf.errors.OpError as error:
        if watch.ended or not (isinstance(error, _LOSSES) or watch.finds_loss()):
            raise
        raise watch.error() from error
    finally:
        watch.end()


def fit(task: str, training: Training, replicas: Replicas, events: Events) -> Training:
    """The section `training` of a recipe as several replicas can train it.

    Raises:
        RecipeError: they cannot.
    """
    if replicas.num_replicas == 1:
        return training
    if training.batch_size < replicas.num_replicas:
        raise RecipeError(
            f"training.batch_size is {training.batch_size}, and {replicas.num_replicas} devices "
            "share each batch.",
            "Choose a larger batch, or fewer devices.",
        )
    if kinds.output_of(task).is_adversarial:
        raise RecipeError(
            f"{task} trains two networks in turn, which is done on one device only.",
            "Train it without --devices and outside of a cluster.",
        )
    if training.compile == "xla":
        raise RecipeError(
            "training.compile=xla compiles the steps of one device; several sum their gradients "
            "within a step.",
            "Leave it out, or train on one device.",
        )
    if training.compile == "auto":
        reason = "several devices sum their gradients within a step"
        events(Chosen("training.compile", "none", reason))
        training = training.model_copy(update={"compile": "none"})
    return training


def _local(devices: Devices | None) -> tf.distribute.Strategy | None:
    """A strategy for the devices of this process; None for one."""
    count = _chosen(devices or Devices(1), alone=True)
    if count == 1:
        return None
    return _mirrored("CPU" if devices and devices.on_cpu else "GPU", count)


@functools.cache
def _mirrored(kind: str, count: int) -> tf.distribute.Strategy:
    """One strategy a process: the sums of a second one would be taken for those of the first."""
    return tf.distribute.MirroredStrategy([f"{kind}:{index}" for index in range(count)])


def _chosen(devices: Devices, alone: bool) -> int:
    """Let TensorFlow see the devices; how many they are.

    Raises:
        UsageError: there are not that many.
        DlcliError: TensorFlow works in this process already.
    """
    gpus = tf.config.list_physical_devices("GPU")
    try:
        if devices.on_cpu:
            count = devices.count or 1
            if gpus:
                tf.config.set_visible_devices([], "GPU")
            if count > 1 and not alone:
                raise UsageError(
                    f"--devices {devices} is given to a worker of several, which has one CPU.",
                    "Leave it out, and start more workers.",
                )
            if count > 1:
                [cpu, *_] = tf.config.list_physical_devices("CPU")
                parts = [tf.config.LogicalDeviceConfiguration() for _ in range(count)]
                if len(tf.config.get_logical_device_configuration(cpu) or ()) != count:
                    tf.config.set_logical_device_configuration(cpu, parts)
            return count
        count = max(len(gpus), 1) if devices.count is None else devices.count
        if count > max(len(gpus), 1):
            found = f"{len(gpus)} GPU{'s' * (len(gpus) != 1)}"
            raise UsageError(
                f"--devices {devices} is given, and there {'is' if len(gpus) == 1 else 'are'} "
                f"{found} here.",
                f"Leave it out, or try several devices out on the CPU: --devices cpu:{count}",
            )
        if 0 < count < len(gpus):
            tf.config.set_visible_devices(gpus[:count], "GPU")
        return count
    except RuntimeError:
        raise DlcliError(
            "devices cannot be chosen in a process that TensorFlow has worked in already.",
            "Train from the command line, or in a process of its own.",
        ) from None


def _connected(devices: Devices | None, cluster: Cluster, events: Events) -> tf.distribute.Strategy:
    """TensorFlow's strategy of all workers, once they are there."""
    _chosen(devices or Devices(None), alone=False)
    os.environ["TF_CONFIG"] = cluster.tf_config()
    others = len(cluster.workers) - 1
    events(Stage(f"waiting for {others} other worker{'s' * (others > 1)}"))
    made: list[Any] = []

    def connect() -> None:
        try:
            made.append(tf.distribute.MultiWorkerMirroredStrategy())
        except Exception as error:  # noqa: BLE001
            made.append(error)

    # Native code waits, without a look at signals: in a thread, so that Ctrl-C ends it.
    thread = threading.Thread(target=connect, daemon=True)
    thread.start()
    began, told = time.monotonic(), False
    while thread.is_alive():
        thread.join(0.2)
        if time.monotonic() - began > _LONGEST_WAIT_SECONDS:
            raise WorkerLostError(
                f"not all workers of {cluster.source} came within half an hour.",
                "See what became of the others, and start all of them again.",
            )
        if not told and time.monotonic() - began > _PATIENCE_SECONDS:
            told = True
            absent = [
                f"worker {index} ({address})"
                for index, address in enumerate(cluster.workers)
                if index != cluster.index and not _answers(address)
            ]
            if absent:
                events(Warned(f"still waiting for {', '.join(absent)}."))
    [strategy] = made
    if isinstance(strategy, Exception):
        first_line = str(strategy).splitlines()[0]
        raise DlcliError(
            f"the workers of {cluster.source} cannot be connected: {first_line}",
            f"Is the port of {cluster.workers[cluster.index]} free, and can all workers reach it?",
        )
    return strategy


def _answers(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), _ANSWER_SECONDS).close()
    except OSError:
        return False
    return True


class _Watch:
    """Looks after the other workers, and ends what waits for one that is gone.

    Worker 0 looks after all, and they after worker 0: who loses it ends as well, within seconds.
    TensorFlow itself notices a process that is gone only after ten.
    """

    def __init__(self, cluster: Cluster, names: Sequence[str], events: Events) -> None:
        watched = range(1, len(cluster.workers)) if cluster.index == 0 else [0]
        self._peers = {names[index]: cluster.workers[index] for index in watched}
        self._events = events
        self._lost = ""
        self._ended = threading.Event()
        threading.Thread(target=self._look, daemon=True).start()

    @property
    def ended(self) -> bool:
        """Whether the workers have parted, so that nobody is missed."""
        return self._ended.is_set()

    def end(self) -> None:
        """Look no longer: the workers part."""
        self._ended.set()

    def finds_loss(self) -> bool:
        """Whether a worker is gone, with some time to see it."""
        end = time.monotonic() + _ANSWER_SECONDS
        while not self._lost and time.monotonic() < end:
            time.sleep(0.05)
        return bool(self._lost)

    def error(self) -> WorkerLostError:
        """What to end with."""
        self.finds_loss()
        return WorkerLostError(
            f"{self._lost or 'another worker'} is gone.",
            "Start all workers again, with --resume or --go-on: the training goes on from its "
            "last checkpoint to the same end.",
        )

    def _look(self) -> None:
        unanswered = dict.fromkeys(self._peers, 0)
        while not self._ended.wait(_PROBE_SECONDS):
            for name, address in self._peers.items():
                unanswered[name] = 0 if _answers(address) else unanswered[name] + 1
                if unanswered[name] == _UNANSWERED:
                    self._give_up(name)
                    return

    def _give_up(self, name: str) -> None:
        if self._ended.is_set():
            return
        self._lost = name
        with suppress(Exception):
            private_api.abort_collectives(f"{name} is gone")
        if not self._ended.wait(_STUCK_SECONDS):
            error = self.error()
            self._events(Warned(f"{error.message} {error.hint}"))
            os._exit(error.exit_code)
