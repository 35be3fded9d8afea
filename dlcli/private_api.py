"""All uses of TensorFlow's and Keras's private API, one function each.

Each says what has no public counterpart in Keras 3.15 and TensorFlow 2.21, and
`tests/test_private_api.py` fails where an update takes it away. Which private modules a `.keras`
file names is in `dlcli.artifacts.known_names`.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras

# What Keras writes anew for tf.distribute: it would sum gradients again, after clipping them.
_UPDATES = (
    "_apply_weight_decay",
    "_backend_increment_gradient_accumulators",
    "_backend_update_step",
)


def all_layers(model: keras.Model) -> list[keras.Layer]:
    """A model and all layers in it, also those inside layers, which `Model.layers` leaves out."""
    return list(model._flatten_layers())


def seed_generators(layer: keras.Layer) -> list[keras.random.SeedGenerator]:
    """What a layer itself draws random numbers from; as variables alone they have no `next`."""
    return list(layer._seed_generators)


def nodes(model: keras.Model) -> list[Any]:
    """The nodes of a functional model from its inputs on, without these.

    `Model.operations` says nothing of the tensors between them. A node has `operation`,
    `input_tensors` and `output_tensors`.
    """
    by_depth = model._nodes_by_depth
    found = [node for depth in sorted(by_depth, reverse=True) for node in by_depth[depth]]
    return [node for node in found if not node.is_input]


def update_locally(optimizer: keras.optimizers.Optimizer) -> None:
    """Let an optimizer change the copy of its replica, by gradients that are summed already.

    Keras always sums them under a strategy of tf.distribute.
    """
    inner = getattr(optimizer, "inner_optimizer", optimizer)
    general = next(kind for kind in type(inner).__mro__ if kind.__name__ == "BaseOptimizer")
    for name in _UPDATES:
        setattr(inner, name, functools.partial(getattr(general, name), inner))


def abort_collectives(message: str) -> None:
    """Let steps that wait for another worker raise, as TensorFlow's own, slower, health check does.

    It does so by itself only: there is no public function.
    """
    import tensorflow as tf
    from tensorflow.python.eager import context

    context.context().abort_collective_ops(tf.errors.UNAVAILABLE, message)
