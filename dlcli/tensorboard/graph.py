"""The model as a graph of layers, which reads better than that of its thousand operations.

TensorBoard draws the configuration of a Keras model only as Keras 2 wrote it.
"""

from __future__ import annotations

from typing import Any

import keras
from tensorboard.compat.proto import attr_value_pb2, graph_pb2, tensor_shape_pb2

from dlcli.tensorboard import names

_SHOWN = ("units", "filters", "kernel_size", "strides", "pool_size", "rate", "activation")


def of_layers(preprocessor: keras.Model, core: keras.Model) -> Any:
    """A `GraphDef` with a node a layer: its kind, weights, settings and the shape that it gives.

    Args:
        preprocessor: its layers stand in one box, which opens.
        core: its input is what the preprocessor gives.
    """
    graph = graph_pb2.GraphDef()
    named: dict[int, str] = {}  # by the identity of the tensor that a layer gives
    _add(graph, preprocessor, "preprocessor/", named)
    for given, taken in zip(
        keras.tree.flatten(preprocessor.output), keras.tree.flatten(core.input), strict=True
    ):
        named[id(taken)] = named.get(id(given), "")
    _add(graph, core, "", named)
    return graph


def _add(graph: Any, model: keras.Model, prefix: str, named: dict[int, str]) -> None:
    layers = names.of_layers(model)
    for operation in model.operations:
        # A model that is a layer has an `output` of its own, which is not what it gives here.
        given, taken = keras.Operation.output, keras.Operation.input
        outputs = keras.tree.flatten(given.fget(operation))
        if all(id(tensor) in named for tensor in outputs):
            continue  # the input of the core
        name = prefix + layers[operation.name]
        node = graph.node.add(name=name, op=type(operation).__name__)
        if not isinstance(operation, keras.layers.InputLayer):
            sources = (
                named.get(id(tensor)) for tensor in keras.tree.flatten(taken.fget(operation))
            )
            node.input.extend(dict.fromkeys(source for source in sources if source))
        shapes = [_shape(tensor) for tensor in outputs]
        node.attr["_output_shapes"].list.shape.extend(shapes)
        for key, text in _settings(operation).items():
            node.attr[key].CopyFrom(attr_value_pb2.AttrValue(s=text.encode()))
        named.update((id(tensor), name) for tensor in outputs)


def _settings(operation: Any) -> dict[str, str]:
    found = {}
    for key in _SHOWN:
        value = getattr(operation, key, None)
        if value is not None:
            found[key] = getattr(value, "__name__", None) or str(value)
    if isinstance(operation, keras.layers.Layer) and operation.count_params():
        found["weights"] = f"{operation.count_params():,}"
    return found


def _shape(tensor: Any) -> Any:
    sides = (-1 if side is None else side for side in tensor.shape)
    return tensor_shape_pb2.TensorShapeProto(
        dim=[tensor_shape_pb2.TensorShapeProto.Dim(size=side) for side in sides]
    )
