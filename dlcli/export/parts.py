"""The numeric part of a model in up to three parts, so that only what has weights is quantized.

What stands in front of the first layer with weights and what follows the last one stays float32:
means and scales of a preprocessor or of a target may exceed the 65,504 at which float16 ends, and
int8 has one scale for all columns of a table and none for the NaN of a gap.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import keras

from dlcli import private_api
from dlcli.export.numeric import layers


@dataclass(frozen=True)
class Part:
    """One part, from named tensors to named tensors.

    Args:
        model: takes and gives lists of tensors, in the order of the names.
        inputs, outputs: names; parts are joined where these are the same.
        has_weights: true of one part.
    """

    model: keras.Model
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    has_weights: bool


def of(model: keras.Model, output_name: str) -> list[Part]:
    """Cut the numeric part of an end-to-end model before and behind its layers with weights.

    Args:
        model: end-to-end model; see `dlcli.export.numeric`.
        output_name: of the answer.
    """
    preprocessor, core = layers(model)
    found = _cut(core, output_name)
    if preprocessor is None:
        return found
    [entry] = preprocessor.inputs
    if found[0].has_weights:
        outputs, names, rest = preprocessor.outputs, found[0].inputs, found
    else:
        outputs = keras.tree.flatten(found[0].model(preprocessor.outputs))
        names, rest = found[0].outputs, found[1:]
    return [Part(keras.Model([entry], outputs), (entry.name,), names, False), *rest]


def _cut(core: keras.Model, output_name: str) -> list[Part]:
    nodes = private_api.nodes(core)
    behind = _reached(nodes, lambda node: (node.input_tensors, node.output_tensors))
    before = _reached(reversed(nodes), lambda node: (node.output_tensors, node.input_tensors))
    [entry], [answer] = core.inputs, core.outputs
    names = {id(entry): entry.name, id(answer): output_name}
    groups = [
        ([node for node in nodes if id(node) not in behind], False),
        ([node for node in nodes if id(node) in behind & before], True),
        ([node for node in nodes if id(node) in behind - before], False),
    ]
    parts = []
    for group, has_weights in groups:
        if not group:
            continue
        made = {id(tensor): tensor for node in group for tensor in node.output_tensors}
        taken = {
            id(tensor): tensor
            for node in group
            for tensor in node.input_tensors
            if id(tensor) not in made
        }
        used = {
            id(tensor)
            for other, _ in groups
            if other is not group
            for node in other
            for tensor in node.input_tensors
        }
        given = {key: made[key] for key in made if key in used or key == id(answer)}
        for key in (*taken, *given):
            names.setdefault(key, f"cut_{len(names)}")
        parts.append(
            Part(
                keras.Model(list(taken.values()), list(given.values())),
                tuple(names[key] for key in taken),
                tuple(names[key] for key in given),
                has_weights,
            )
        )
    return parts


def _reached(nodes: Iterable[Any], ends: Any) -> set[int]:
    """The nodes with weights and all that are connected to one, in the order of the nodes.

    Args:
        ends: gives the tensors that a node is reached by, and those that lead on from it.
    """
    found: set[int] = set()
    tensors: set[int] = set()
    for node in nodes:
        by, on = ends(node)
        if getattr(node.operation, "weights", ()) or any(id(tensor) in tensors for tensor in by):
            found.add(id(node))
            tensors |= {id(tensor) for tensor in on}
    return found
