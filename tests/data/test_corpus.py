"""Running text: parts that follow each other, windows that stay in them."""

import gzip

import numpy as np
import pytest

from dlcli import data
from dlcli.data import corpus_file
from dlcli.errors import DataError
from dlcli.recipe import schema
from dlcli.training import pipeline

LENGTH = 10


def load(source, *overrides):
    return data.load(
        schema.load(
            "char-lstm",
            [f'data.source="{source}"', f"preprocessing.sequence_length={LENGTH}", *overrides],
        )
    )


@pytest.fixture
def counted(tmp_path):
    """A text whose characters say where they stand."""
    path = tmp_path / "counted.txt"
    path.write_text("".join(chr(0x4E00 + place) for place in range(1000)), encoding="utf-8")
    return path


COUNTED = ("preprocessing.min_count=1", "data.test_fraction=0.2", "data.validation_fraction=0.25")
PARTS = {"train": (0, 600), "validation": (600, 800), "test": (800, 1000)}


def reached(split, moved=0):
    """First and last + 1 character that the windows and their targets reach."""
    targets = split.targets.moved(moved)
    last = targets.starts[-1] + (targets.length or 1)
    return int(split.inputs.starts[0]) + moved, int(last)


@pytest.mark.parametrize("predict", ["every-step", "last-step"])
@pytest.mark.parametrize("stride", [1, 7, 10, 25])
@pytest.mark.parametrize("moving", [True, False])
def test_windows_never_leave_their_part(counted, predict, stride, moving):
    dataset = load(
        counted, *COUNTED, f"preprocessing.predict={predict}", f"preprocessing.stride={stride}",
        f"preprocessing.moving_windows={str(moving).lower()}",
    )  # fmt: skip
    for name, (begin, end) in PARTS.items():
        split = getattr(dataset.splits, name)
        slack = split.inputs.slack
        assert slack == (stride - 1 if moving and name == "train" else 0)
        first, _ = reached(split)
        _, last = reached(split, slack)
        assert (first, end - last < max(stride, LENGTH)) == (begin, True)
        assert last <= end
        texts, targets = split.gather(np.arange(len(split)))
        whole = dataset.splits.train.inputs.text
        for text, target, start in zip(texts, targets, split.inputs.starts, strict=True):
            assert text == whole[start : start + LENGTH]
            following = split.inputs.ids[start + 1 : start + LENGTH + 1]
            assert target.tolist() == (
                following.tolist() if predict == "every-step" else following[-1]
            )


def test_validation_and_test_windows_stand_side_by_side(counted):
    splits = load(counted, *COUNTED, "preprocessing.stride=3").splits
    assert np.diff(splits.train.inputs.starts).tolist()[:2] == [3, 3]
    assert set(np.diff(splits.test.inputs.starts)) == {LENGTH}
    assert splits.test.name(0) == f"{counted} characters 801 to 810"


def test_characters_are_counted_in_the_train_part_alone(counted):
    spec = load(counted, *COUNTED).spec
    assert len(spec.class_names) == 602
    assert (
        "100 % of the test part are characters that the train part has too rarely"
        in (spec.warnings[1])
    )


def test_windows_of_an_epoch_are_a_function_of_seed_and_epoch(counted):
    split = load(counted, *COUNTED).splits.train
    numbers = data.Split(split.targets, split.targets, split.rows, split.names)
    moved = [pipeline._moved(numbers, 0, epoch).inputs.starts[0] for epoch in range(50)]
    assert moved == [pipeline._moved(numbers, 0, epoch).inputs.starts[0] for epoch in range(50)]
    assert set(moved) == set(range(1, 11))
    assert moved != [pipeline._moved(numbers, 1, epoch).inputs.starts[0] for epoch in range(50)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_encodings_are_found_out_and_line_ends_become_one(tmp_path, encoding):
    poem = "床前明月光,疑是地上霜。\r\n举头望明月,低头思故乡。\r\n"
    path = tmp_path / "poem.txt"
    path.write_bytes((poem * 40).encode(encoding))
    text = load(path).splits.train.inputs.text
    assert text == poem.replace("\r\n", "\n") * 40


def test_a_folder_is_read_in_the_order_of_names_and_what_is_no_text_is_left_out(tmp_path):
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "2.txt").write_text("two " * 50)
    (tmp_path / "a.md").write_text("one " * 50)
    (tmp_path / "c.txt.gz").write_bytes(gzip.compress(b"three " * 50))
    (tmp_path / ".hidden").write_text("never")
    (tmp_path / "image.png").write_bytes(b"\x89PNG\0\0")
    dataset = load(tmp_path)
    assert dataset.splits.train.inputs.text == "one " * 50 + "two " * 50 + "three " * 50
    assert dataset.spec.bad_files == (("image.png", "image.png is a picture. Expected a text."),)


def test_a_folder_of_pictures_is_told_from_one_of_texts(tmp_path):
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(b"\x89PNG\0\0")
    with pytest.raises(
        DataError, match=r"holds no text files: b.png is a picture\. Expected a text\.$"
    ) as caught:
        load(tmp_path)
    assert caught.value.hint == "Give a text file, or a folder of text files."
    (tmp_path / "Thumbs").write_text("stray")
    with pytest.raises(
        DataError, match=r"hardly any text: 2 of its 3 files are no text files, .* 5 characters\. a"
    ) as caught:
        load(tmp_path)
    assert caught.value.hint == "Give a text file, or a folder of text files."


def test_parts_that_are_given_are_kept(tmp_path):
    for name, text in (("train.txt", "a b " * 100), ("val.txt", "c d " * 50)):
        (tmp_path / name).write_text(text)
    splits = load(tmp_path).splits
    assert reached(splits.test)[0] == 400
    assert splits.test.gather(np.array([0]))[0].tolist() == ["c d c d c "]
    assert reached(splits.validation)[1] <= 400
    assert set(splits.train.inputs.text[: splits.validation.inputs.starts[0]]) == set("ab ")
    (tmp_path / "test").mkdir()
    (tmp_path / "test" / "x.txt").write_text("e f " * 50)
    splits = load(tmp_path).splits
    assert splits.validation.gather(np.array([0]))[0].tolist() == ["c d c d c "]
    assert splits.test.gather(np.array([0]))[0].tolist() == ["e f e f e "]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b" \n\n ", "is empty"),
        (b"abc\0def" * 100, "is no text: it holds zero bytes"),
        (b"abcd" * 20, r"the test part of .* has 4 characters\. Expected at least 11"),
        ("".join(map(chr, range(0x4E00, 0x4F00))).encode(), r"no character of .* occurs 2 times"),
    ],
)
def test_a_file_that_is_no_use_is_named_with_its_reason(tmp_path, content, message):
    path = tmp_path / "text.txt"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message):
        load(path)


def test_a_missing_file_an_empty_folder_and_too_much_text(tmp_path, monkeypatch):
    with pytest.raises(DataError, match="there is no file"):
        load(tmp_path / "nowhere.txt")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="holds no text"):
        load(tmp_path / "empty")
    path = tmp_path / "long.txt"
    path.write_text("abc " * 1000)
    monkeypatch.setattr(corpus_file, "MAX_BYTES", 1000)
    with pytest.raises(DataError, match="Expected at most"):
        load(path)


def test_the_built_in_text_is_the_source_of_python():
    dataset = load("python_source")
    text = dataset.splits.train.inputs.text
    assert 1_200_000 < len(text) < 2_000_000
    assert "class OrderedDict" not in text
    assert "class NodeVisitor(object):" in text
    assert dataset.spec.fingerprint == load("python_source").spec.fingerprint
    assert not dataset.spec.warnings
