"""Keys of images: defaults and what they take."""

import pytest

from dlcli.recipe.sections import image

FILES = {
    "validation_fraction": 0.1,
    "test_fraction": 0.2,
    "split_seed": 0,
    "copies": "together",
    "on_bad_file": "skip",
    "bit_depth": "auto",
    "background": "auto",
}


def test_defaults():
    assert image.Data().model_dump() == FILES | {
        "source": None,
        "folders": "auto",
        "file": None,
        "label": None,
        "label_separator": "auto",
    }
    assert image.Preprocessing().model_dump() == {
        "image_size": (128, 128),
        "color_mode": "rgb",
        "resize": "stretch",
        "scaling": "unit",
    }


def test_images_are_not_varied_unless_that_is_asked_for():
    assert not any(image.Augmentation().model_dump().values())


@pytest.mark.parametrize(
    ("key", "accepted", "refused"),
    [
        ("validation_fraction", [0.001, 0.999], [0, 1, -0.1]),
        ("test_fraction", [0.001, 0.999], [0, 1]),
        ("split_seed", [0, 7], [-1, 0.5]),
        ("copies", ["together", "apart"], ["none", True]),
        ("on_bad_file", ["skip", "fail"], ["ignore"]),
        ("bit_depth", ["auto", 8, 10, 12, 14, 16], [9, 32, "8"]),
        ("background", ["auto", "white", "black", "gray"], ["grey", [0, 0, 0]]),
        ("folders", ["auto", "classes"], ["splits"]),
        ("file", [None, "path"], [1]),
        ("label", [None, "class"], [["a", "b"]]),
    ],
)
def test_data(takes, key, accepted, refused):
    takes(image.Data, key, accepted, refused)


@pytest.mark.parametrize(
    ("key", "accepted", "refused"),
    [
        ("image_size", [[1, 4096], [28, 28]], [[0, 28], [28, 4097], [28], [28, 28, 3], 28]),
        ("color_mode", ["rgb", "grayscale"], ["rgba"]),
        ("resize", ["stretch", "crop", "pad"], ["bilinear"]),
        ("scaling", ["unit", "standard"], ["none"]),
    ],
)
def test_preprocessing(takes, key, accepted, refused):
    takes(image.Preprocessing, key, accepted, refused)


@pytest.mark.parametrize(
    ("key", "accepted", "refused"),
    [
        ("horizontal_flip", [True, False, "auto"], ["yes", 1]),
        ("crop", [0, 0.99], [-0.1, 1]),
        ("shift", [0, 0.99], [-0.1, 1]),
        ("rotation", [0, 180], [-1, 180.1]),
        ("zoom", [0, 0.99], [-0.1, 1]),
        ("brightness", [0, 1], [-0.1, 1.1]),
        ("contrast", [0, 0.99], [-0.1, 1]),
        ("saturation", [0, 1], [-0.1, 1.1]),
        ("hue", [0, 0.5], [-0.1, 0.51]),
    ],
)
def test_augmentation(takes, key, accepted, refused):
    takes(image.Augmentation, key, accepted, refused)
