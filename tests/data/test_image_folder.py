"""Folders of pictures: layouts, splits, and what is said of folders that do not fit."""

import os
import re
import sys
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dlcli import data
from dlcli.data import DataSet, Split
from dlcli.errors import DataError
from dlcli.events import Event, Warned
from dlcli.recipe import schema


def draw(root: Path, *files: str) -> Path:
    """Pictures of 6 x 6 pixels, of a colour of their own each, under these names."""
    for file in files:
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        color = tuple(np.random.default_rng(list(os.fsencode(file))).integers(0, 256, 3))
        Image.new("RGB", (6, 6), color).save(path)
    return root


def series(folder: str, count: int) -> list[str]:
    return [f"{folder}/{index}.png" for index in range(count)]


def load(root: Path, *overrides: str) -> DataSet:
    recipe = schema.load(
        "digits-cnn",
        [
            f"data.source={root}",
            "preprocessing.image_size=[4, 5]",
            "preprocessing.color_mode=rgb",
            *overrides,
        ],
    )
    return data.load(recipe)


def names(split: Split) -> list[str]:
    return [split.name(position) for position in range(len(split))]


def test_one_subfolder_a_class_is_split_three_ways(tmp_path: Path) -> None:
    draw(tmp_path, *series("cat", 20), *series("dog", 10), *series("dog/deeper", 10))
    dataset = load(tmp_path)
    spec, splits = dataset.spec, dataset.splits
    assert spec.class_names == ("cat", "dog")
    assert spec.input_shape == (4, 5, 3)
    assert spec.input_dtype == "uint8"
    assert spec.bad_files == ()
    sizes = {name: len(split) for name, split in vars(splits).items()}
    assert sizes == {"train": 29, "validation": 3, "test": 8}
    everything = [name for split in vars(splits).values() for name in names(split)]
    assert sorted(everything) == sorted(
        [*series("cat", 20), *series("dog", 10), *series("dog/deeper", 10)]
    )


def test_an_example_is_its_picture_with_its_class(tmp_path: Path) -> None:
    draw(tmp_path, *series("cat", 5), *series("dog", 5))
    train = load(tmp_path).splits.train
    inputs, targets = train.gather(np.arange(len(train)))
    assert inputs.shape == (len(train), 4, 5, 3)
    assert inputs.dtype == np.uint8
    assert targets.dtype == np.int32
    for position, name in enumerate(names(train)):
        with Image.open(tmp_path / name) as image:
            assert inputs[position, 0, 0].tolist() == np.asarray(image)[0, 0].tolist()
        assert targets[position] == ["cat", "dog"].index(name.split("/")[0])


def test_the_split_depends_on_split_seed_alone(tmp_path: Path) -> None:
    draw(tmp_path, *series("cat", 20), *series("dog", 20))
    first = names(load(tmp_path).splits.test)
    assert first == names(load(tmp_path, "training.seed=7").splits.test)
    assert first != names(load(tmp_path, "data.split_seed=7").splits.test)


def test_given_splits_are_taken_as_they_are(tmp_path: Path) -> None:
    for split, count in (("train", 4), ("valid", 2), ("test", 3)):
        draw(tmp_path, *series(f"{split}/cat", count), *series(f"{split}/dog", count))
    splits = load(tmp_path).splits
    assert names(splits.train) == [*series("train/cat", 4), *series("train/dog", 4)]
    assert names(splits.validation) == [*series("valid/cat", 2), *series("valid/dog", 2)]
    assert names(splits.test) == [*series("test/cat", 3), *series("test/dog", 3)]


@pytest.mark.parametrize("held_out", ["val", "validation", "test", "TEST"])
def test_with_two_splits_the_other_is_the_test_split(tmp_path: Path, held_out: str) -> None:
    draw(tmp_path, *series("train/cat", 10), *series("train/dog", 10))
    draw(tmp_path, *series(f"{held_out}/cat", 3), *series(f"{held_out}/dog", 3))
    splits = load(tmp_path).splits
    assert names(splits.test) == [*series(f"{held_out}/cat", 3), *series(f"{held_out}/dog", 3)]
    assert len(splits.train) == 18
    assert len(splits.validation) == 2
    assert all(name.startswith("train/") for name in names(splits.validation))


def test_a_train_folder_alone_is_split_three_ways(tmp_path: Path) -> None:
    draw(tmp_path, *series("train/cat", 10), *series("train/dog", 10))
    splits = load(tmp_path).splits
    assert [len(split) for split in vars(splits).values()] == [14, 2, 4]


def test_a_train_may_be_a_class(tmp_path: Path) -> None:
    draw(tmp_path, *series("train", 5), *series("bus", 5))
    assert load(tmp_path).spec.class_names == ("bus", "train")


def test_classes_of_any_script_sort_by_code_point(tmp_path: Path) -> None:
    draw(tmp_path, *series("猫", 3), *series("Zebra", 3), *series("cat", 3), *series("собака", 3))
    dataset = load(tmp_path)
    assert dataset.spec.class_names == ("Zebra", "cat", "собака", "猫")
    assert "猫/0.png" in {name for split in vars(dataset.splits).values() for name in names(split)}


@pytest.mark.parametrize("other", ["Cat", "cat ", "c\u200bat", "\uff43at", "cats"])
def test_classes_that_look_alike_are_told(tmp_path: Path, other: str) -> None:
    draw(tmp_path, *series("cat", 4), *series(other, 4))
    spec = load(tmp_path).spec
    assert spec.class_names == tuple(sorted(["cat", other]))
    assert any("look alike" in note for note in spec.warnings) == (other != "cats")


def test_accents_agree_whatever_system_wrote_them(tmp_path: Path) -> None:
    for split, name in (("train", "épée"), ("test", unicodedata.normalize("NFD", "épée"))):
        folder = f"{split}/{name}"
        draw(tmp_path, *series(folder, 3), *series(f"{split}/bow", 3))
    assert load(tmp_path).spec.class_names == ("bow", "épée")


def test_bad_files_are_left_out_and_reported(tmp_path: Path) -> None:
    draw(tmp_path, *series("cat", 5), *series("dog", 5), "loose.png")
    (tmp_path / "cat" / "empty.jpg").touch()
    (tmp_path / "dog" / "notes.txt").write_text("seen in the park")
    (tmp_path / "dog" / ".DS_Store").touch()
    (tmp_path / "README.md").touch()
    (tmp_path / "dog" / "gone.png").symlink_to(tmp_path / "nowhere.png")
    dataset = load(tmp_path)
    assert dataset.spec.bad_files == (
        ("cat/empty.jpg", "the file is empty"),
        ("dog/gone.png", "No such file or directory"),
        ("dog/notes.txt", "it is a text file, and not an image that dlcli reads"),
        ("loose.png", "it is in no class folder"),
    )
    assert sum(len(split) for split in vars(dataset.splits).values()) == 10


@pytest.mark.parametrize("splits", [("",), ("train", "test")])
def test_runs_and_what_systems_leave_behind_are_no_classes(
    tmp_path: Path, splits: tuple[str, ...]
) -> None:
    for split in splits:
        draw(tmp_path / split, *series("cat", 5), *series("dog", 5))
        draw(tmp_path / split, "$RECYCLE.BIN/x.png", "lost+found/x.png", "__pycache__/x.png")
        draw(tmp_path / split, *series("runs/image-cnn-1/plots", 5))
        for file in ("recipe.yaml", "environment.json"):
            (tmp_path / split / "runs" / "image-cnn-1" / file).touch()
    spec = load(tmp_path).spec
    assert spec.class_names == ("cat", "dog")
    assert spec.bad_files == ()
    (tmp_path / "runs" / "image-cnn-1" / "recipe.yaml").unlink(missing_ok=True)
    assert ("runs" in load(tmp_path).spec.class_names) == (splits == ("",))


def test_a_folder_beside_the_splits_is_reported(tmp_path: Path) -> None:
    for split in ("train", "test"):
        draw(tmp_path, *series(f"{split}/cat", 3), *series(f"{split}/dog", 3))
    draw(tmp_path, *series("unlabelled", 2))
    assert load(tmp_path).spec.bad_files == (
        ("unlabelled", "the folder is none of train, val and test"),
    )


def test_bad_files_can_be_made_an_error(tmp_path: Path) -> None:
    draw(tmp_path, *series("cat", 3), *series("dog", 3))
    for index in range(7):
        (tmp_path / "cat" / f"bad{index}.png").touch()
    with pytest.raises(
        DataError, match=r"holds 7 bad files:\n  cat/bad0\.png: the file is empty(.|\n)*and 2 more$"
    ) as caught:
        load(tmp_path, "data.on_bad_file=fail")
    assert "data.on_bad_file=skip" in caught.value.hint


def test_a_loop_of_links_ends(tmp_path: Path) -> None:
    draw(tmp_path, *series("cat", 3), *series("dog", 3))
    (tmp_path / "dog" / "same").symlink_to(tmp_path / "dog")
    (tmp_path / "dog" / "up").symlink_to(tmp_path)  # followed, cats would be dogs as well
    assert sum(len(split) for split in vars(load(tmp_path).splits).values()) == 6


def test_the_fingerprint_is_of_names_and_contents(tmp_path: Path) -> None:
    draw(tmp_path / "a", *series("cat", 3), *series("dog", 3))
    draw(tmp_path / "b", *series("cat", 3), *series("dog", 3))
    fingerprint = load(tmp_path / "a").spec.fingerprint
    assert len(fingerprint) == 64
    assert fingerprint == load(tmp_path / "b").spec.fingerprint
    Image.new("RGB", (6, 6), "red").save(tmp_path / "b" / "cat" / "0.png")
    assert fingerprint != load(tmp_path / "b").spec.fingerprint


def test_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"there is no folder .*/nowhere\."):
        load(tmp_path / "nowhere")


def test_a_file(tmp_path: Path) -> None:
    (tmp_path / "pets.zip").touch()
    with pytest.raises(DataError, match=r"pets\.zip is a file\. Expected a folder") as caught:
        load(tmp_path / "pets.zip")
    assert caught.value.hint == (
        "Unpack an archive first; a table has recipes of its own, such as table-mlp."
    )


def test_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no images"):
        load(tmp_path)
    (tmp_path / "cat").mkdir()
    (tmp_path / "dog").mkdir()
    with pytest.raises(DataError, match="holds no images"):
        load(tmp_path)


def test_images_without_class_folders(tmp_path: Path) -> None:
    draw(tmp_path, "1.png", "2.png")
    with pytest.raises(DataError, match=r"holds 2 images and no subfolders\. Expected one"):
        load(tmp_path)


@pytest.mark.parametrize("empty_class_folders", [False, True])
def test_a_test_folder_without_classes_is_left_out(
    tmp_path: Path, empty_class_folders: bool
) -> None:
    draw(tmp_path, *series("train/cat", 10), *series("train/dog", 10), *series("test", 3))
    if empty_class_folders:
        for name in ("cat", "dog"):
            (tmp_path / "test" / name).mkdir()
    dataset = load(tmp_path)
    assert [len(split) for split in vars(dataset.splits).values()] == [14, 2, 4]
    assert dataset.spec.warnings[0] == (
        "test/ is left out: it holds 3 files and no class folders. Predict them after the "
        f"training: dlcli predict latest {tmp_path}/test"
    )
    assert dataset.spec.bad_files == ()
    with pytest.raises(DataError, match="test holds images without class folders"):
        measure(tmp_path, ["cat", "dog"])


def test_with_a_flat_test_folder_val_is_the_test_split(tmp_path: Path) -> None:
    draw(tmp_path, *series("train/cat", 5), *series("train/dog", 5), "test/unknown/1.png")
    draw(tmp_path, "val/cat/1.png", "val/dog/1.png")
    dataset = load(tmp_path)
    assert names(dataset.splits.test) == ["val/cat/1.png", "val/dog/1.png"]
    assert "test/ is left out: it holds 1 file and" in dataset.spec.warnings[0]


@pytest.mark.parametrize(
    ("train", "test"),
    [
        ("Training", "Testing"),
        ("training_set", "test_set"),
        ("seg_train/seg_train", "seg_test/seg_test"),
        ("flowers-train", "flowers-test"),
        ("data/train", "data/val"),
    ],
)
def test_splits_of_every_common_name(tmp_path: Path, train: str, test: str) -> None:
    draw(tmp_path, *series(f"{train}/cat", 6), *series(f"{train}/dog", 6))
    draw(tmp_path, *series(f"{test}/cat", 2), *series(f"{test}/dog", 2))
    dataset = load(tmp_path)
    assert dataset.spec.class_names == ("cat", "dog")
    assert len(dataset.splits.test) == 4
    assert dataset.spec.bad_files == ()
    assert len(measure(tmp_path, ["cat", "dog"])[0]) == 4


@pytest.mark.parametrize("folders", [["fold_0", "fold_1", "fold_2"], ["hospital_a", "hospital_b"]])
def test_groups_are_refused(tmp_path: Path, folders: list[str]) -> None:
    for folder in folders:
        draw(tmp_path, *series(f"{folder}/cat", 3), *series(f"{folder}/dog", 3))
    with pytest.raises(
        DataError,
        match=rf"{folders[0]}/ to {folders[-1]}/ in .* hold the same subfolders \(cat/, dog/",
    ) as caught:
        load(tmp_path)
    assert "test/" in caught.value.hint
    dataset = load(tmp_path, "data.folders=classes")
    assert dataset.spec.class_names == tuple(folders)


@pytest.mark.parametrize("other", ["test", "val"])
def test_splits_inside_of_classes_are_refused(tmp_path: Path, other: str) -> None:
    for folder in ("cat/train", "cat/test", "dog/train", f"dog/{other}"):
        draw(tmp_path, *series(folder, 4))
    with pytest.raises(DataError, match=r"cat/ to dog/ .* hold splits each \(test/, tr") as caught:
        load(tmp_path)
    assert "such as into test/cat" in caught.value.hint
    assert load(tmp_path, "data.folders=classes").spec.class_names == ("cat", "dog")


def test_groups_inside_of_splits_are_told(tmp_path: Path) -> None:
    for folder in ("train/fold_0", "train/fold_1", "test/fold_0", "test/fold_1"):
        draw(tmp_path, *series(f"{folder}/cat", 4), *series(f"{folder}/dog", 4))
    note = load(tmp_path).spec.warnings[0]
    assert note.startswith("the folders fold_0/ to fold_1/ in train/ are taken for the classes")
    assert "(cat/, dog/)" in note


def test_numbered_groups_need_not_hold_every_class(tmp_path: Path) -> None:
    draw(tmp_path, *series("fold0/cat", 3), *series("fold0/dog", 3), *series("fold0/fox", 3))
    draw(tmp_path, *series("fold1/cat", 3), *series("fold1/dog", 3))
    with pytest.raises(DataError, match="they look like groups"):
        load(tmp_path)


def test_classes_with_other_subfolders_are_classes(tmp_path: Path) -> None:
    draw(tmp_path, *series("cat/black", 3), *series("cat/white", 3))
    draw(tmp_path, *series("dog/small", 3), *series("dog/large", 3))
    assert load(tmp_path).spec.class_names == ("cat", "dog")


def test_the_only_folder_in_a_folder_is_read(tmp_path: Path) -> None:
    draw(tmp_path, *series("pets/cat", 3), *series("pets/dog", 3))
    dataset = load(tmp_path)
    assert dataset.spec.class_names == ("cat", "dog")
    assert "holds one folder, pets/, which is read." in dataset.spec.warnings[0]


def noise(path: Path, seed: int, dtype: type = np.uint8, top: int = 256) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    values = np.random.default_rng(seed).integers(0, top, (6, 6), dtype)
    Image.fromarray(values).save(path)


def test_copies_are_kept_in_one_split(tmp_path: Path) -> None:
    for place in range(60):
        noise(tmp_path / "ab"[place % 2] / f"{place}.png", place // 2 % 10 * 2 + place % 2)
    dataset = load(tmp_path)
    contents = [
        {(tmp_path / name).read_bytes() for name in names(split)}
        for split in vars(dataset.splits).values()
    ]
    assert sum(map(len, contents)) == len(set().union(*contents)) == 20
    assert dataset.spec.warnings == (
        "40 images are identical to others; copies are kept in the same split, and the test split "
        "holds 4 different ones.",
    )


def test_the_same_picture_in_another_format_is_a_copy(tmp_path: Path) -> None:
    for place in range(12):
        noise(tmp_path / "ab"[place % 2] / f"{place}.png", place)
        noise(tmp_path / "ab"[place % 2] / f"{place}.bmp", place)
    warning, *_ = load(tmp_path, "preprocessing.image_size=[6, 6]").spec.warnings
    assert warning.startswith("12 images are identical to others")


def test_copies_across_given_splits_are_counted(tmp_path: Path) -> None:
    for place in range(12):
        noise(tmp_path / "train" / "ab"[place % 2] / f"{place}.png", place)
    for place in range(4):
        noise(tmp_path / "test" / "ab"[place % 2] / f"{place}.png", place if place < 3 else 99)
    assert load(tmp_path).spec.warnings == (
        "3 of the 4 test images also occur in the training split, so the result is too optimistic "
        "(for example, test/a/0.png and train/a/0.png).",
    )


def test_equal_pictures_of_two_classes_are_counted(tmp_path: Path) -> None:
    for place in range(12):
        noise(tmp_path / "ab"[place % 2] / f"{place}.png", max(place, 1))
    warnings = load(tmp_path).spec.warnings
    assert warnings[0] == (
        "1 image is identical to one of another class, such as b/1.png and a/0.png."
    )


def test_blank_pictures_and_first_frames_are_counted(tmp_path: Path) -> None:
    draw(tmp_path, *series("cat", 5), *series("dog", 5))  # of one colour each
    frames = [Image.new("L", (6, 6), shade) for shade in (0, 200)]
    frames[0].save(tmp_path / "cat" / "z.gif", save_all=True, append_images=frames[1:])
    blank, animated = load(tmp_path).spec.warnings
    assert blank == "11 of 11 images are of a single colour, such as cat/0.png."
    assert animated.startswith("of 1 file with several frames or pages the first one is blank")


def test_the_bit_depth_is_that_of_the_train_split(tmp_path: Path) -> None:
    for place in range(20):
        noise(tmp_path / "ab"[place % 2] / f"{place}.png", place, np.uint16, 1024)
    dataset = load(tmp_path, "preprocessing.image_size=[6, 6]")
    assert dataset.spec.inferred == {"bit_depth": 10, "background": "white"}
    assert "hold values up to 1,0" in dataset.spec.warnings[0]
    train = dataset.splits.train
    pixels = train.gather(np.arange(1))[0][0, ..., 0]
    with Image.open(tmp_path / train.name(0)) as image:
        np.testing.assert_array_equal(pixels, np.asarray(image) >> 2)
    forced = load(tmp_path, "preprocessing.image_size=[6, 6]", "data.bit_depth=16")
    assert forced.splits.train.gather(np.arange(1))[0].max() <= 3
    assert forced.spec.inferred["bit_depth"] == 16


@pytest.mark.parametrize(
    ("train", "test", "said"),
    [
        (4095, 65535, "8 images hold values above 4,095, the largest of 12 bits, which are cut"),
        (65535, 1023, "8 of 16 images .* up to 1,023 only and are nearly black when read as 16 "),
        (4095, 1023, ""),
        (65535, 30000, ""),
    ],
)
def test_images_that_do_not_fit_the_depth_of_the_others_are_told(
    tmp_path: Path, train: int, test: int, said: str
) -> None:
    for split, top in (("train", train), ("test", test)):
        for place, name in enumerate([*series("a", 4), *series("b", 4)]):
            path = tmp_path / split / name
            path.parent.mkdir(parents=True, exist_ok=True)
            pixels = np.random.default_rng(place).integers(0, top, (6, 6)).astype(np.uint16)
            pixels[0, 0] = top
            Image.fromarray(pixels).save(path)
    notes = [note for note in load(tmp_path).spec.warnings if "are read as" not in note]
    assert len(notes) == bool(said)
    assert re.search(said, "".join(notes))


def test_the_background_does_not_hide_the_train_split(tmp_path: Path) -> None:
    for place in range(20):
        color = np.full((6, 6, 4), 255, np.uint8)
        color[..., 3] = np.random.default_rng(place).integers(0, 2, (6, 6)) * 255
        path = tmp_path / "ab"[place % 2] / f"{place}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(color).save(path)
    dataset = load(tmp_path)
    assert dataset.spec.inferred == {"bit_depth": 16, "background": "black"}
    assert dataset.spec.warnings == (
        "14 transparent images of the train split cannot be seen on white: transparency is laid "
        "over black (data.background=black).",
    )


def test_a_measurement_tells_of_images_that_the_model_cannot_see(tmp_path: Path) -> None:
    draw(tmp_path, *series("cat", 2))  # of one colour each
    noise(tmp_path / "dog" / "1.png", 1, np.uint16, 4096)
    noise(tmp_path / "dog" / "2.png", 1, np.uint16, 4096)
    recipe = schema.load("digits-cnn", ["preprocessing.image_size=[4, 5]", "data.bit_depth=10"])
    form = {"shape": [4, 5, 1], "color_mode": "grayscale", "resize": "stretch", "bit_depth": 10}
    told: list[Event] = []
    metadata = {"class_names": ["cat", "dog"], "input": form}
    split, _ = data.load_own(recipe, str(tmp_path), metadata, told.append)
    notes = [event.message for event in told if isinstance(event, Warned)]
    assert notes[0] == "2 of 4 images are of a single colour, such as cat/0.png."
    assert "some images hold values above 1,023" in notes[1]
    assert split.inputs[2].max() == 255


def test_a_class_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    draw(tmp_path, *series("cat", 5))
    (tmp_path / "dog").mkdir()
    for place in range(4):
        (tmp_path / "dog" / f"{place}.jpg").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
    with pytest.raises(
        DataError,
        match=r"class 'dog' .*: 0\. .* 4 files of it cannot be read: it is a HEIC .* \(4\)",
    ):
        load(tmp_path)


def test_files_that_are_no_pictures_are_named(tmp_path: Path) -> None:
    for name in ("cat", "dog"):
        (tmp_path / name).mkdir()
        np.save(tmp_path / name / "1.npy", np.zeros(3))
    with pytest.raises(DataError, match=r"2 other files: 2 times a NumPy array"):
        load(tmp_path)


def test_archives_are_to_be_unpacked(tmp_path: Path) -> None:
    (tmp_path / "images.zip").write_bytes(b"PK\x03\x04")
    with pytest.raises(DataError, match="1 times a ZIP archive") as caught:
        load(tmp_path)
    assert caught.value.hint == "Unpack them first."


def test_one_class_only(tmp_path: Path) -> None:
    draw(tmp_path, *series("cat", 5))
    with pytest.raises(DataError, match="holds 5 images and one subfolder only, 'cat'"):
        load(tmp_path)


def test_splits_without_train(tmp_path: Path) -> None:
    draw(tmp_path, *series("test/cat", 3), *series("val/cat", 3))
    with pytest.raises(DataError, match="holds test/ and nothing to train on"):
        load(tmp_path)


def test_two_folders_of_one_split(tmp_path: Path) -> None:
    draw(tmp_path, *series("train/cat", 3), *series("val/cat", 3), *series("valid/cat", 3))
    with pytest.raises(DataError, match="holds both val/ and valid/"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("count", "given", "needed"), [(2, "", 3), (1, "train/", 2), (0, "train/", 2)]
)
def test_a_class_too_small_to_be_split(tmp_path: Path, count: int, given: str, needed: int) -> None:
    draw(tmp_path, *series(f"{given}cat", 9), *series(f"{given}dog", count))
    (tmp_path / given / "dog").mkdir(exist_ok=True)
    (tmp_path / given / "dog" / "bad.png").touch()
    if given:
        draw(tmp_path, "test/cat/1.png", "test/dog/1.png")
    with pytest.raises(
        DataError,
        match=rf"too few readable images of the class 'dog' in .*: {count}\. "
        rf"Expected at least {needed}",
    ):
        load(tmp_path)


def test_three_images_a_class_are_enough_whatever_the_fractions(tmp_path: Path) -> None:
    draw(tmp_path, *series("cat", 3), *series("dog", 3))
    dataset = load(tmp_path, "data.test_fraction=0.9", "data.validation_fraction=0.9")
    assert [len(split) for split in vars(dataset.splits).values()] == [2, 2, 2]


def test_a_class_that_train_lacks(tmp_path: Path) -> None:
    draw(tmp_path, *series("train/cat", 3), *series("train/dog", 3))
    draw(tmp_path, *series("test/cat", 3), *series("test/dog", 3), *series("test/fox", 3))
    with pytest.raises(DataError, match="test/ holds the class 'fox', which train/ lacks"):
        load(tmp_path)


def test_a_split_that_holds_nothing_readable(tmp_path: Path) -> None:
    draw(tmp_path, *series("train/cat", 3), *series("train/dog", 3))
    for name in ("cat", "dog"):
        (tmp_path / "val" / name).mkdir(parents=True)
    with pytest.raises(DataError, match="val holds no readable image"):
        load(tmp_path)


def test_all_files_bad(tmp_path: Path) -> None:
    for name in ("cat", "dog"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "1.png").write_text("no picture")
    with pytest.raises(DataError, match=r"none of the 2 image files in .* can be read:\n  cat/1"):
        load(tmp_path)


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS allows UTF-8 names only")
def test_a_class_name_that_is_no_utf8(tmp_path: Path) -> None:
    draw(tmp_path, *series("cat", 3), *series(os.fsdecode(b"caf\xe9"), 3))
    with pytest.raises(DataError, match="caf\ufffd is not UTF-8"):
        load(tmp_path)


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS composes names by itself")
def test_two_spellings_of_one_class(tmp_path: Path) -> None:
    draw(tmp_path, *series("é", 3), *series(unicodedata.normalize("NFD", "é"), 3))
    with pytest.raises(DataError, match="two folders named 'é'"):
        load(tmp_path)


def measure(root: Path, class_names: list[str]) -> tuple[Split, list[str]]:
    """What `evaluate --data` measures a trained model on, and the names of what is left out."""
    recipe = schema.load("digits-cnn", ["preprocessing.image_size=[4, 5]"])
    split, bad_files = data.load_own(recipe, str(root), {"class_names": class_names})
    return split, [name for name, _ in bad_files]


def test_a_model_is_measured_on_a_whole_folder(tmp_path: Path) -> None:
    draw(tmp_path, *series("cat", 2), "fox/1.png")
    (tmp_path / "fox" / "0.png").touch()
    split, bad_files = measure(tmp_path, ["ant", "fox", "cat"])  # the order of the outputs
    assert bad_files == ["fox/0.png"]
    assert names(split) == [*series("cat", 2), "fox/1.png"]
    inputs, targets = split.gather(np.arange(3))
    assert targets.tolist() == [2, 2, 1]
    assert inputs.shape == (3, 4, 5, 1)


@pytest.mark.parametrize(
    ("folders", "measured"),
    [
        (["train", "val", "test"], "test"),
        (["train", "val"], "val"),
        (["test"], "test"),
        (["train"], "train"),
    ],
)
def test_a_model_is_measured_on_the_test_folder(
    tmp_path: Path, folders: list[str], measured: str
) -> None:
    for folder in folders:
        draw(tmp_path, *series(f"{folder}/cat", 2))
    assert names(measure(tmp_path, ["cat", "dog"])[0]) == series(f"{measured}/cat", 2)


def test_a_class_that_the_model_does_not_know(tmp_path: Path) -> None:
    draw(tmp_path, *series("cat", 2), *series("emu", 2))
    with pytest.raises(
        DataError, match=r"the class 'emu', which the model does not know\. Expected only: cat, dog"
    ):
        measure(tmp_path, ["cat", "dog"])


def test_a_model_cannot_be_measured_without_classes(tmp_path: Path) -> None:
    draw(tmp_path, "1.png", "2.png")
    with pytest.raises(DataError, match=r"2 images and no subfolders\. Expected one subfolder per"):
        measure(tmp_path, ["cat", "dog"])
    with pytest.raises(DataError, match="there is no folder"):
        measure(tmp_path / "nowhere", ["cat", "dog"])


@pytest.mark.shared_data
def test_flowers(shared_data: Path) -> None:
    dataset = load(shared_data / "images" / "flowers128")
    assert dataset.spec.class_names == ("daisy", "dandelion", "rose", "sunflower", "tulip")
    assert dataset.spec.bad_files == ()
    assert [len(split) for split in vars(dataset.splits).values()] == [3104, 345, 862]
    assert all(name.startswith("val/") for name in names(dataset.splits.test))


@pytest.mark.shared_data
def test_cifar10(shared_data: Path) -> None:
    dataset = load(shared_data / "images" / "cifar10_subset")
    assert [len(split) for split in vars(dataset.splits).values()] == [9000, 1000, 2000]
    for split in vars(dataset.splits).values():
        assert len(set(np.bincount(split.targets[split.rows]))) == 1
