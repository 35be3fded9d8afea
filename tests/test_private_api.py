"""Private API of TensorFlow and Keras is still there, and does what it is used for."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import dlcli
from dlcli import private_api

PACKAGE = Path(dlcli.__file__).parent
NOT_PRIVATE = {"_exit", "_replace"}  # os._exit and that of a named tuple are documented


def nested_model() -> keras.Model:
    """A model with a model inside, whose layer has a cell and random numbers."""
    inner = keras.Sequential([keras.Input((4, 2)), layers.LSTM(3, dropout=0.5)], name="inner")
    inputs = keras.Input((4, 2))
    return keras.Model(inputs, layers.Dense(1)(inner(inputs)))


def test_all_layers_are_those_inside_layers_too() -> None:
    model = nested_model()
    found = [type(layer).__name__ for layer in private_api.all_layers(model)]
    assert {"Functional", "Sequential", "LSTM", "LSTMCell", "Dense"} <= set(found)
    assert len(found) == len({id(layer) for layer in private_api.all_layers(model)})


def test_seed_generators_are_what_a_layer_draws_from() -> None:
    [generator] = private_api.seed_generators(layers.Dropout(0.5))
    assert isinstance(generator, keras.random.SeedGenerator)
    assert private_api.seed_generators(layers.Dense(1)) == []
    # `dlcli.devices.replicas` takes the place of the method that layers draw by.
    dropout = layers.Dropout(0.5)
    [generator] = private_api.seed_generators(dropout)
    drawn = []
    draw = generator.next
    generator.next = lambda **keywords: drawn.append(1) or draw(**keywords)
    dropout(np.ones((1, 2), np.float32), training=True)
    assert drawn


def test_nodes_are_in_the_order_of_the_graph() -> None:
    inputs = keras.Input((4,))
    first = layers.Dense(3)
    second = layers.Activation("relu")
    outputs = layers.Add()([second(first(inputs)), layers.Dense(3)(inputs)])
    found = private_api.nodes(keras.Model(inputs, outputs))
    operations = [node.operation for node in found]
    assert len(operations) == 4
    assert operations.index(first) < operations.index(second)
    assert type(operations[-1]).__name__ == "Add"
    assert [tensor.shape for tensor in found[-1].output_tensors] == [(None, 3)]
    assert len(found[-1].input_tensors) == 2


@pytest.mark.parametrize(
    "make",
    [
        lambda: keras.optimizers.AdamW(0.1, weight_decay=0.01),
        lambda: keras.optimizers.SGD(0.1, gradient_accumulation_steps=2),
    ],
    ids=["weight decay", "gradient accumulation"],
)
def test_an_optimizer_updates_the_copy_of_its_replica(
    make: Callable[[], keras.optimizers.Optimizer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under a strategy as without one, and without a sum over replicas on the way."""
    gradients = [tf.constant([1.0, -2.0])]
    expected, plain = keras.Variable([3.0, 4.0]), make()
    for _ in range(2):
        plain.apply(gradients, [expected])

    strategy = tf.distribute.MirroredStrategy(["CPU:0"])
    with strategy.scope(), tf.variable_creator_scope(unsynchronized):
        variable, optimizer = keras.Variable([3.0, 4.0]), make()
        optimizer.build([variable])
    private_api.update_locally(optimizer)
    monkeypatch.setattr(tf.distribute.ReplicaContext, "merge_call", not_called)
    for _ in range(2):
        strategy.run(lambda: optimizer.apply(gradients, [variable]))
    assert np.allclose(variable, expected)
    assert not np.allclose(variable, [3.0, 4.0])


def test_of_a_scaled_loss_the_optimizer_inside_updates() -> None:
    inner = keras.optimizers.Adam()
    private_api.update_locally(keras.optimizers.LossScaleOptimizer(inner))
    assert set(private_api._UPDATES) <= set(vars(inner))


def unsynchronized(create: Callable[..., tf.Variable], **keywords: Any) -> tf.Variable:
    """As in `dlcli.devices.replicas`: each replica changes its own copy."""
    return create(**{**keywords, "aggregation": tf.VariableAggregation.NONE})


def not_called(*arguments: Any, **keywords: Any) -> None:
    raise AssertionError("Keras leaves the replica")


def test_steps_that_wait_can_be_aborted(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is called is there; in one process nothing waits that could be aborted."""
    from tensorflow.python.eager import context

    called = []
    current = context.context()
    assert callable(current.abort_collective_ops)
    monkeypatch.setattr(current, "abort_collective_ops", lambda *each: called.append(each))
    private_api.abort_collectives("worker 1 is gone")
    assert called == [(tf.errors.UNAVAILABLE, "worker 1 is gone")]


def test_nothing_else_uses_private_api() -> None:
    found = [
        f"{path.relative_to(PACKAGE)}:{line}: {what}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.name != "private_api.py"
        for line, what in private_uses(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert found == []


@pytest.mark.parametrize(
    "code",
    [
        "from tensorflow.python.eager import context",
        "import keras.src.models",
        "model._flatten_layers()",
        "core.layers[0]._seed_generators",
    ],
)
def test_a_private_use_is_found(code: str) -> None:
    assert list(private_uses(ast.parse(code)))


@pytest.mark.parametrize("code", ["self._x", "os._exit(1)", "def _x(): ...\nother._x"])
def test_what_is_our_own_is_not(code: str) -> None:
    assert not list(private_uses(ast.parse(code)))


def private_uses(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Private modules that code imports, and private names of others, each with its line."""
    own = {
        *NOT_PRIVATE,
        *(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)),
        *(
            node.attr
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute)
            and isinstance(node.ctx, ast.Store)
            and ast.unparse(node.value) == "self"
        ),
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            of = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for module in of or [alias.name for alias in node.names]:
                if module.startswith(("tensorflow.python", "keras.src")):
                    yield node.lineno, module
        elif isinstance(node, ast.Attribute):
            private = node.attr.startswith("_") and not node.attr.startswith("__")
            if private and node.attr not in own and ast.unparse(node.value) not in {"self", "cls"}:
                yield node.lineno, node.attr
