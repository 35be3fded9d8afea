"""Image files as inputs."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dlcli import prediction
from dlcli.errors import DataError


class Brightest:
    """Answers by the largest value of an image."""

    def __init__(self, **form):
        shape = {"shape": [4, 4, 1], "color_mode": "grayscale", "resize": "stretch"}
        self.metadata = {
            "task": "image-classification",
            "class_names": ["dark", "bright"],
            "input": {"kind": "image", **shape, **form},
        }

    def predict_batch(self, raw):
        bright = raw.reshape(len(raw), -1).max(axis=1) / 255
        return np.stack([1 - bright, bright], axis=1).astype(np.float32)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    for place, level in enumerate((15, 1023)):
        Image.fromarray(np.full((4, 4), level, np.uint16)).save(tmp_path / f"{place}.png")
    (tmp_path / "2.png").touch()
    return tmp_path


@pytest.mark.parametrize(("form", "classes"), [({}, ["dark", "dark"]), ({"bit_depth": 10}, None)])
def test_the_bit_depth_of_the_model_counts(files, form, classes):
    told = []
    found = [
        *prediction.predict_inputs(Brightest(**form), [str(files)], None, 1, events=told.append)
    ]
    assert [each.classes[0][0] for each in found[:2]] == (classes or ["dark", "bright"])
    assert found[2].error == f"{files}/2.png cannot be read as an image: the file is empty."
    assert "some images are of a single colour." in [note.message for note in told]
    assert any("nearly black" in note.message for note in told)


def test_values_beyond_the_bit_depth_are_told_once(files):
    told = []
    list(
        prediction.predict_inputs(
            Brightest(bit_depth=8), [str(files), str(files)], None, 1, events=told.append
        )
    )
    assert {note for note in told if "values above 255" in note.message}


def test_what_is_left_out_of_a_folder_is_told(files, tmp_path):
    np.save(files / "array.npy", np.zeros((4, 4)))
    (files / ".hidden.npy").touch()
    told = []
    found = [*prediction.predict_inputs(Brightest(), [str(files)], None, 1, events=told.append)]
    assert len(found) == 3
    assert told[0].message == (
        f"{files} holds 1 file that is left out, such as {files}/array.npy: it is a NumPy array "
        "(.npy), and not an image that dlcli reads."
    )
    for place in range(3):
        (files / f"{place}.png").unlink()
    with pytest.raises(DataError, match=r"no images that dlcli reads, .* a NumPy array \(.npy\)"):
        prediction.predict_inputs(Brightest(), [str(files)], None, 1)
