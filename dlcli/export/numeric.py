"""The part of an end-to-end model that needs no strings: what TFLite and ONNX hold."""

from __future__ import annotations

import keras


def layers(model: keras.Model) -> tuple[keras.Model | None, keras.Model]:
    """The numeric part of a model as its two models.

    Returns:
        The preprocessor where its raw input is numbers, or its layer "numeric" where a table's
        columns hold strings, or None where the core takes the tokens of a text; and the core.
    """
    preprocessor, core = model.get_layer("preprocessor"), model.get_layer("core")
    if any(layer.name == "numeric" for layer in preprocessor.layers):
        return preprocessor.get_layer("numeric"), core
    if any(raw.dtype == "string" for raw in keras.tree.flatten(model.input)):
        return None, core
    return preprocessor, core


def numeric(model: keras.Model) -> keras.Model:
    """The numeric part of a model as one model; see `layers`."""
    preprocessor, core = layers(model)
    if preprocessor is None:
        return core
    if preprocessor.name == "preprocessor":
        return model
    return keras.Model(preprocessor.input, core(preprocessor.output), name="numeric")
