"""Where a training takes its steps: on one device, on several, or on those of several machines.

Each replica has the whole network on a device of its own and takes its share of every batch; the
gradients are summed over all of them, so that a step is what one device would have made of the
whole batch. Every replica then changes its own copy of the weights in the same way: no clipping,
accumulation or average can come to another result on one than on the others.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from dlcli import private_api

Batch = Any  # (numbers, targets); of several replicas a tuple of them, one for each here


class Replicas:
    """The replicas of a training, of which some are on this worker.

    Args:
        strategy: TensorFlow's; None for one device, where nothing of this costs anything.
        worker: index of this process, 0 for the one that writes the run.
        workers: what each worker is called, such as its host and port.
        part: called when the workers need each other no longer.
    """

    def __init__(
        self,
        strategy: tf.distribute.Strategy | None = None,
        worker: int = 0,
        workers: Sequence[str] = ("this process",),
        part: Callable[[], None] = lambda: None,
    ) -> None:
        self.strategy = strategy
        self.worker = worker
        self.workers = tuple(workers)
        self.num_replicas = strategy.num_replicas_in_sync if strategy else 1
        self.num_local = self.num_replicas // len(self.workers)
        self._part = part
        self._sums: dict[int, Callable[[tf.Tensor], tf.Tensor]] = {}

    @property
    def is_chief(self) -> bool:
        """Whether this process writes the run; all others only compute."""
        return self.worker == 0

    @contextmanager
    def scope(self) -> Iterator[None]:
        """Variables made inside are copied to each replica, which changes its copy alone."""
        if not self.strategy:
            yield
            return
        with ExitStack() as scopes:
            scopes.enter_context(self.strategy.scope())
            scopes.enter_context(tf.variable_creator_scope(_unsynchronized))
            yield

    def shares(self) -> Callable[[tf.Tensor], list[tf.Tensor]] | None:
        """What cuts the positions of a batch into those of the replicas here; None for one device.

        Replica i of n takes the rows from size * i // n to size * (i + 1) // n: all of them are
        taken once, and no worker reads those of another. A share may be empty.
        """
        if not self.strategy:
            return None
        first, count = self.worker * self.num_local, self.num_replicas

        def cut(positions: tf.Tensor) -> list[tf.Tensor]:
            size = tf.shape(positions)[0]
            ends = [size * index // count for index in range(first, first + self.num_local + 1)]
            return [positions[ends[i] : ends[i + 1]] for i in range(self.num_local)]

        return cut

    def prepare(self, core: keras.Model, batch: Batch) -> None:
        """Make the variables that Keras makes in the first steps, to be able to restore them.

        Args:
            batch: of the validation split.
        """
        if not self.strategy:
            core.optimizer.build(core.trainable_variables)
            core.test_step(batch)
            core.reset_metrics()
            return
        with self.scope():
            private_api.update_locally(core.optimizer)
            core.optimizer.build(core.trainable_variables)
            with keras.StatelessScope():
                core.test_step(batch[0])
        for generator in seed_generators(core):
            generator.next = functools.partial(_drawn_apart, generator.next)

    def train_step(self, core: keras.Model, compiled: bool) -> Callable[[Batch], Any]:
        """What takes one step on a batch.

        Args:
            core: compiled in Keras's sense.
            compiled: whether XLA compiles the step, on one device.
        """
        if self.strategy:
            return self._everywhere(functools.partial(_train_step, core))
        return tf.function(core.train_step, jit_compile=True) if compiled else core.train_step

    def validation_step(self, core: keras.Model) -> Callable[[Batch], Any]:
        """What adds a batch to the metrics; no replica waits for another here."""
        return self._everywhere(core.test_step) if self.strategy else core.test_step

    def forward(self, network: keras.Model) -> Callable[[Batch], None]:
        """What takes a batch through a network as validation does, for what its layers note."""

        def forward(batch: Batch) -> None:
            network(batch[0], training=False)

        call: Callable[[Batch], None] = tf.function(
            self._everywhere(forward) if self.strategy else forward, reduce_retracing=True
        )
        return call

    def logs(self, core: keras.Model) -> Callable[[], dict[str, float]]:
        """What tells the metrics so far, over all replicas; all workers ask together."""

        def logs() -> dict[str, float]:
            return {name: float(value) for name, value in core.get_metrics_result().items()}

        if not self.strategy:
            return logs
        variables = [variable for metric in core.metrics for variable in metric.variables]
        summed = self._summed(lambda replica: [tf.identity(each.value) for each in variables])

        def logs_of_all() -> dict[str, float]:
            with keras.StatelessScope(list(zip(variables, summed(), strict=True))):
                return logs()

        return logs_of_all

    def reader(
        self, variables: Mapping[str, keras.Variable]
    ) -> Callable[[], dict[str, np.ndarray]]:
        """What reads variables; all workers ask together.

        Returns:
            A function to values by name: of metrics (num_replicas, ...), as each replica counts
            its own examples; of all else the one value that all replicas have. On one device
            the values as they are.
        """
        apart = _of_metrics(variables) if self.strategy else {}

        def placed(replica: tf.Tensor) -> list[tf.Tensor]:
            return [
                tf.tensordot(tf.one_hot(replica, self.num_replicas, dtype=v.dtype), v.value, axes=0)
                for v in apart.values()
            ]

        gathered = self._summed(placed) if apart else list

        def read() -> dict[str, np.ndarray]:
            values = dict(zip(apart, gathered(), strict=True))
            return {
                name: (values[name] if name in apart else variable).numpy()
                for name, variable in variables.items()
            }

        return read

    def write(
        self, variables: Mapping[str, keras.Variable], arrays: Mapping[str, np.ndarray]
    ) -> None:
        """Set variables to what a `reader` gave, here or with another number of replicas."""
        metrics = _of_metrics(variables)
        for name, variable in variables.items():
            values = arrays[name]
            if name not in metrics:
                variable.assign(values)
                continue
            parts = values.reshape(-1, *variable.shape)
            if len(parts) != self.num_replicas:  # the first one counts for all there were
                others = np.zeros((self.num_replicas - 1, *variable.shape), values.dtype)
                parts = np.concatenate([parts.sum(axis=0, keepdims=True), others])
            self._assign_parts(variable, parts)

    def agree(self, flag: bool, *values: float) -> tuple[bool, list[float]]:
        """Settle what clocks and signals say, so that all workers do the same; all ask together.

        Args:
            flag: raised where any worker raises it.
            values: those of worker 0 hold.
        """
        if len(self.workers) == 1:
            return flag, list(values)
        raised, *settled = self._sum_of_workers([flag, *(v * self.is_chief for v in values)])
        return raised > 0, settled

    def gather(self, value: float) -> list[float]:
        """A number of each worker; all ask together."""
        if len(self.workers) == 1:
            return [value]
        own = [0.0] * len(self.workers)
        own[self.worker] = value
        return self._sum_of_workers(own)

    def tell(self, document: Any) -> Any:
        """What worker 0 gives, on all workers; all ask together.

        Args:
            document: as JSON has it.
        """
        if len(self.workers) == 1:
            return document
        text = json.dumps(document).encode()
        _, [length] = self.agree(False, len(text))
        own = text if self.is_chief else bytes(int(length))
        _, received = self.agree(False, *own)
        return json.loads(bytes(int(byte) for byte in received))

    def part(self) -> None:
        """Wait for all workers; from here on each is for itself."""
        self.agree(False)
        self._part()

    def _everywhere(self, step: Callable[[Batch], Any]) -> Callable[[Batch], None]:
        """Take a step on each replica, with its part of a batch."""
        strategy: Any = self.strategy
        first = self.worker * self.num_local

        def step_alone(part: Batch) -> None:
            step(part)  # whatever it returns stays where it is

        def run(batch: Batch) -> None:
            parts = strategy.experimental_distribute_values_from_function(
                lambda context: batch[context.replica_id_in_sync_group - first]
            )
            strategy.run(step_alone, args=(parts,))

        return run

    def _summed(
        self, values: Callable[[tf.Tensor], list[tf.Tensor]]
    ) -> Callable[[], list[tf.Tensor]]:
        """What sums tensors over all replicas, made of them by index of the replica."""
        strategy: Any = self.strategy

        def of_replica() -> list[tf.Tensor]:
            context = tf.distribute.get_replica_context()
            return _all_reduce(values(context.replica_id_in_sync_group))

        @tf.function
        def of_all() -> list[tf.Tensor]:
            return [
                strategy.experimental_local_results(summed)[0]
                for summed in strategy.run(of_replica)
            ]

        return of_all

    def _sum_of_workers(self, values: Sequence[float]) -> list[float]:
        if len(values) not in self._sums:
            # Only the first replica of a worker speaks for it.
            strategy: Any = self.strategy
            first = self.worker * self.num_local

            def of_replica(own: tf.Tensor) -> tf.Tensor:
                context = tf.distribute.get_replica_context()
                speaks = tf.equal(context.replica_id_in_sync_group, first)
                return _all_reduce([tf.where(speaks, own, tf.zeros_like(own))])[0]

            @tf.function
            def of_all(own: tf.Tensor) -> tf.Tensor:
                return strategy.experimental_local_results(strategy.run(of_replica, args=(own,)))[0]

            self._sums[len(values)] = of_all
        own = tf.constant([float(value) for value in values], tf.float64)
        summed: list[float] = self._sums[len(values)](own).numpy().tolist()
        return summed

    def _assign_parts(self, variable: keras.Variable, parts: np.ndarray) -> None:
        strategy = self.strategy
        if strategy is None:
            variable.assign(parts[0])
            return

        def assign() -> None:
            replica = tf.distribute.get_replica_context().replica_id_in_sync_group
            variable.value.assign(tf.constant(parts)[replica])

        tf.function(lambda: strategy.run(assign))()


def seed_generators(core: keras.Model) -> list[keras.random.SeedGenerator]:
    """List what the layers of a core draw random numbers from."""
    return [
        each
        for layer in private_api.all_layers(core)
        for each in private_api.seed_generators(layer)
    ]


def _of_metrics(variables: Mapping[str, keras.Variable]) -> dict[str, keras.Variable]:
    """Those that each replica has for itself, and that are read as a sum."""
    return {
        name: variable
        for name, variable in variables.items()
        if variable.synchronization == "on_read"
    }


def _train_step(core: keras.Model, batch: Batch) -> None:
    """One step of a replica: Keras's own, with gradients of the whole batch.

    Losses are means over a batch, and the shares of replicas differ where they do not divide it:
    a loss counts as often as there are examples behind it, before its gradients are taken, as
    joint batch normalisation hands some of them to other replicas.
    """
    numbers, targets = batch
    count = tf.cast(tf.shape(targets)[0], tf.float32)
    context = tf.distribute.get_replica_context()
    with tf.GradientTape() as tape:
        answers = core(numbers, training=True)
        loss = core.compute_loss(numbers, targets, answers, training=True)
        loss *= context.num_replicas_in_sync  # Keras has divided by it
        scaled = core.optimizer.scale_loss(tf.where(count > 0, loss * count, 0.0))
    weights = core.trainable_weights
    core.optimizer.apply(mean_gradients(tape.gradient(scaled, weights), count), weights)
    core.metrics[0].update_state(tf.where(count > 0, loss, 0.0), sample_weight=count)
    core.compute_metrics(numbers, targets, answers)


def mean_gradients(gradients: Sequence[Any], count: tf.Tensor) -> list[Any]:
    """The gradients of the whole batch from those of the shares, inside a replica's step.

    Args:
        gradients: of the sum of a share's losses; None where a weight has none.
        count: float32 (), examples of the share.
    """
    dense = [tf.convert_to_tensor(each) for each in gradients if each is not None]
    *summed, total = _all_reduce([*dense, count])
    means = iter([each / tf.cast(total, each.dtype) for each in summed])
    return [None if each is None else next(means) for each in gradients]


def _all_reduce(values: list[tf.Tensor]) -> list[tf.Tensor]:
    summed: list[tf.Tensor] = tf.distribute.get_replica_context().all_reduce(
        tf.distribute.ReduceOp.SUM, values
    )
    return summed


def _drawn_apart(draw: Callable[..., tf.Tensor], **keywords: Any) -> tf.Tensor:
    """A seed that no other replica draws, from a state that all of them share."""
    seed = draw(**keywords)
    context = tf.distribute.get_replica_context()
    if context is None or context.num_replicas_in_sync == 1:  # outside of the steps
        return seed
    return tf.random.experimental.stateless_fold_in(seed, context.replica_id_in_sync_group)


def _unsynchronized(next_creator: Callable[..., tf.Variable], **keywords: Any) -> tf.Variable:
    """Make a variable of which each replica changes its own copy; metrics are such already."""
    if keywords.get("synchronization") != tf.VariableSynchronization.ON_READ:
        keywords["aggregation"] = tf.VariableAggregation.NONE
    return next_creator(**keywords)
