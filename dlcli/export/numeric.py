"""The part of an end-to-end model that needs no strings: what TFLite and ONNX hold."""

from __future__ import annotations

import keras


def numeric(model: keras.Model) -> keras.Model:
    """Cut off what turns strings into numbers.

    Args:
        model: end-to-end model.

    Returns:
        The whole model where its raw input is numbers. Where it has strings, what follows the
        preprocessor's layer "numeric", of a table's columns; or the core, of a text's tokens.
    """
    preprocessor, core = model.get_layer("preprocessor"), model.get_layer("core")
    if any(layer.name == "numeric" for layer in preprocessor.layers):
        part = preprocessor.get_layer("numeric")
        return keras.Model(part.input, core(part.output), name="numeric")
    if any(raw.dtype == "string" for raw in keras.tree.flatten(model.input)):
        return core
    return model
