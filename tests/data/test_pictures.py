"""Pictures without classes: built-in sets and folders, as noise and what is to come of it."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dlcli import data
from dlcli.errors import DataError, UsageError
from dlcli.recipe import schema


def draw(root: Path, *files: str) -> Path:
    for index, file in enumerate(files):
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (6, 6), (index, 100, 200)).save(path)
    return root


def load(source: str | Path, *overrides: str) -> data.DataSet:
    size = "preprocessing={image_size: [4, 5], color_mode: rgb, noise_size: 3}"
    return data.load(schema.load("digits-gan", [f"data.source={source}", size, *overrides]))


def names(split: data.Split) -> list[str]:
    return [split.name(position) for position in range(len(split))]


def test_a_built_in_set_of_images_gives_noise_and_pictures():
    loaded = load("digits")
    spec, test = loaded.spec, loaded.splits.test
    assert (spec.input_shape, spec.input_dtype, spec.picture_shape) == ((3,), "float32", (4, 5, 3))
    assert spec.class_names == ()
    noise, pictures = test.gather(np.arange(7))
    assert (noise.shape, noise.dtype) == ((7, 3), np.float32)
    assert (pictures.shape, pictures.dtype) == ((7, 4, 5, 3), np.uint8)
    assert np.array_equal(noise, load("digits").splits.test.gather(np.arange(7))[0])


def test_the_splits_are_those_of_the_classifier():
    classified = data.load(schema.load("digits-cnn"))
    for name, split in vars(load("digits").splits).items():
        assert np.array_equal(split.rows, getattr(classified.splits, name).rows)


def test_a_folder_is_read_whole_whatever_its_subfolders(tmp_path):
    draw(tmp_path, *(f"{index}.png" for index in range(10)), "cats/a.jpg", "dogs/young/b.png")
    loaded = load(tmp_path)
    found = [name for split in vars(loaded.splits).values() for name in names(split)]
    assert sorted(found) == sorted(
        [*(f"{index}.png" for index in range(10)), "cats/a.jpg", "dogs/young/b.png"]
    )
    sizes = [len(split) for split in vars(loaded.splits).values()]
    assert sizes == [9, 1, 2]


def test_split_folders_are_kept_and_val_is_test_where_there_is_no_test(tmp_path):
    draw(tmp_path, *(f"Train/{index}.png" for index in range(10)), "val/a.png", "val/b.png")
    splits = load(tmp_path).splits
    assert names(splits.test) == ["val/a.png", "val/b.png"]
    assert len(splits.train) + len(splits.validation) == 10


def test_a_bad_file_is_left_out_or_refused(tmp_path):
    draw(tmp_path, *(f"{index}.png" for index in range(8)))
    (tmp_path / "broken.png").write_bytes(b"no picture")
    loaded = load(tmp_path)
    assert [name for name, _ in loaded.spec.bad_files] == ["broken.png"]
    assert sum(map(len, vars(loaded.splits).values())) == 8
    with pytest.raises(DataError, match="holds 1 bad files") as caught:
        load(tmp_path, "data.on_bad_file=fail")
    assert "broken.png: " in caught.value.message


def test_what_is_left_out_is_reported(tmp_path):
    draw(tmp_path, *(f"train/{index}.png" for index in range(8)), "test/a.png", "more/b.png")
    np.save(tmp_path / "train" / "x.npy", np.zeros(3))
    (tmp_path / "train" / "README.md").write_text("pictures of mine")
    assert load(tmp_path).spec.bad_files == (
        ("more", "the folder is none of train, val and test"),
        ("train/x.npy", "it is a NumPy array (.npy), and not an image that dlcli reads"),
    )


def test_too_few_pictures_are_refused(tmp_path):
    with pytest.raises(DataError, match="holds no images"):
        load(tmp_path)
    with pytest.raises(DataError, match=r"holds 3 readable images\. Expected at least 4"):
        load(draw(tmp_path, "a.png", "b.png", "c.png"))
    with pytest.raises(DataError, match="there is no folder"):
        load(tmp_path / "nowhere")
    with pytest.raises(DataError, match="nothing to train on"):
        load(draw(tmp_path / "only", "test/a.png"))


def test_a_set_of_another_kind_is_refused():
    with pytest.raises(UsageError, match="works on the kind 'image_generation'") as caught:
        load("iris")
    assert "digits" in caught.value.message


def test_a_model_is_measured_on_the_test_folder_or_on_all(tmp_path):
    loaded = schema.load("digits-gan")
    draw(tmp_path, "a.png", "more/b.png")
    split, bad_files = data.load_own(loaded, str(tmp_path), {})
    assert (names(split), bad_files) == (["a.png", "more/b.png"], ())
    assert split.inputs.shape == (2, loaded.preprocessing.noise_size)
    draw(tmp_path, "test/c.png")
    assert names(data.load_own(loaded, str(tmp_path), {})[0]) == ["test/c.png"]
