from types import SimpleNamespace

import keras
import numpy as np
import pytest

from dlcli.artifacts.keras_file import KerasPredictor
from dlcli.explanation import grad_cam
from dlcli.explanation.attribution import Explained
from dlcli.explanation.image import METHODS
from dlcli.explanation.subject import Subject

METADATA = {
    "task": "image-classification",
    "class_names": ["nothing", "square"],
    "target": "",
    "input": {"kind": "image"},
}


def looks_for_bright_squares():
    """A network whose one filter is a bright square of 5 pixels a side."""
    pixels = keras.Input((24, 24, 1), dtype="uint8")
    preprocessor = keras.Model(pixels, keras.layers.Rescaling(1 / 255)(pixels), name="preprocessor")
    numbers = keras.Input((24, 24, 1))
    x = keras.layers.Conv2D(1, 5, padding="same", name="filter")(numbers)
    x = keras.layers.Activation("relu")(x)
    x = keras.layers.MaxPooling2D(2)(x)
    x = keras.layers.GlobalMaxPooling2D()(x)
    outputs = keras.layers.Activation("softmax")(keras.layers.Dense(2, name="scores")(x))
    core = keras.Model(numbers, outputs, name="core")
    # Only a full square is brighter than the threshold.
    core.get_layer("filter").set_weights([np.ones((5, 5, 1, 1)), np.array([-20.0])])
    core.get_layer("scores").set_weights([np.array([[-1.0, 1.0]]), np.zeros(2)])
    raw = keras.Input((24, 24, 1), dtype="uint8")
    return KerasPredictor(keras.Model(raw, core(preprocessor(raw))), METADATA)


def test_it_finds_the_square_that_the_network_looks_for():
    image = np.zeros((1, 24, 24, 1), np.uint8)
    image[0, 14:19, 3:8] = 255
    image[0, 2:4, 15:22] = 255  # a line that it does not look for
    subject = Subject(looks_for_bright_squares())
    heat = METHODS["grad-cam"](subject)(image, Explained(1, "square")).values
    assert heat.shape == (24, 24)
    row, column = np.unravel_index(heat.argmax(), heat.shape)
    assert (abs(row - 16) <= 1, abs(column - 5) <= 1) == (True, True)
    assert heat[13:20, 2:9].sum() > 0.95 * heat.sum() > 0
    # The square speaks against there being nothing.
    assert METHODS["grad-cam"](subject)(image, Explained(0, "nothing")).values.max() == 0


@pytest.mark.parametrize(
    ("layer", "offered"),
    [
        (keras.layers.SeparableConv2D(3, 3), True),
        (keras.layers.DepthwiseConv2D(3), True),
        (keras.layers.MaxPooling2D(), False),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_it_is_for_every_convolution(layer, offered):
    numbers = keras.Input((8, 8, 1))
    core = keras.Model(numbers, layer(numbers))
    assert grad_cam.is_for(SimpleNamespace(core=core)) == offered


def test_occlusion_finds_it_too():
    image = np.zeros((1, 24, 24, 1), np.uint8)
    image[0, 14:19, 3:8] = 255
    subject = Subject(looks_for_bright_squares())
    found = METHODS["occlusion"](subject)(image, Explained(1, "square"))
    row, column = np.unravel_index(found.values.argmax(), found.values.shape)
    assert 11 <= row <= 21
    assert column <= 11
    assert found.values[:8, 12:].max() == 0
