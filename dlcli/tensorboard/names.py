"""Names of layers and weights that stay when a run goes on in another process.

Keras counts the layers that were made in the process, those of other models among them.
"""

from __future__ import annotations

import re
from collections import Counter

import keras


def of_layers(model: keras.Model) -> dict[str, str]:
    """For each layer its name, or where Keras gave it one its kind and place among its kind."""
    kinds: Counter[str] = Counter()
    found = {}
    for operation in model.operations:
        kind = _without_count(operation.name)
        if kind.replace("_", "") == type(operation).__name__.lower():
            kinds[kind] += 1
            found[operation.name] = kind if kinds[kind] == 1 else f"{kind}_{kinds[kind]}"
        else:
            found[operation.name] = operation.name
    return found


def of_weights(model: keras.Model) -> list[str]:
    """For each weight that is trained the name of its layer, and its own in it."""
    layers, seen, named = of_layers(model), Counter[str](), []
    for variable in model.trainable_variables:
        layer, *inner = variable.path.split("/")
        name = "/".join([layers.get(layer, layer), *map(_without_count, inner)])
        seen[name] += 1
        named.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return named


def _without_count(name: str) -> str:
    return re.sub(r"_\d+$", "", name)
