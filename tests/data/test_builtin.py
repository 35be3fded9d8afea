"""Built-in data sets."""

import gzip
import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from dlcli import data
from dlcli.data import DataSet
from dlcli.data.builtin import mnist, reuters
from dlcli.errors import DataError, DlcliError, UsageError
from dlcli.recipe import schema


def load(source: str, *overrides: str) -> DataSet:
    return data.load(schema.load("digits-cnn", [f"data.source={source}", *overrides]))


def sizes(dataset: DataSet) -> list[int]:
    return [len(split) for split in vars(dataset.splits).values()]


def test_digits() -> None:
    dataset = load("digits")
    assert sizes(dataset) == [1294, 144, 359]
    assert dataset.spec.input_shape == (28, 28, 1)
    assert dataset.spec.class_names == tuple("0123456789")
    rows = np.concatenate([split.rows for split in vars(dataset.splits).values()])
    assert sorted(rows) == list(range(1797))
    assert dataset.splits.train.names[12] == "digits[12]"
    assert dataset.spec.fingerprint == load("digits", "data.split_seed=1").spec.fingerprint


def test_digits_use_the_full_range_of_grey() -> None:
    inputs = load("digits", "preprocessing.image_size=[8, 8]").splits.train.inputs
    assert inputs.shape == (1797, 8, 8, 1)
    # 0 to 16 times 255 / 16, rounded.
    assert np.unique(inputs).tolist() == [round(255 * level / 16) for level in range(17)]
    assert inputs[0, 0, :, 0].tolist() == [0, 0, 80, 207, 143, 16, 0, 0]


def test_digits_in_colour() -> None:
    dataset = load("digits", "preprocessing.color_mode=rgb")
    assert dataset.spec.input_shape == (28, 28, 3)


def test_an_unknown_source_is_answered_with_the_list() -> None:
    with pytest.raises(UsageError, match=r"there is no file 'photos\.csv' in "):
        load("photos.csv")
    with pytest.raises(UsageError, match=r"unknown data source 'minst'.*Did you mean 'mnist'\?"):
        load("minst")


@pytest.mark.parametrize("source", ["digits", "nothing", "nothing.csv"])
def test_a_kind_without_built_in_data_sets_offers_none(
    source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data, "_built_in_names", lambda kind: [])
    with pytest.raises(UsageError) as caught:
        data.load(schema.load("iris-mlp", [f"data.source={source}"]))
    told = f"{caught.value.message} {caught.value.hint}"
    assert "path" in told
    assert not re.search(r"one of|built-in|[:,] *\.", told)


@pytest.fixture
def keras_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty KERAS_HOME, and no network."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setattr(mnist, "_URL", "http://127.0.0.1:9/mnist.npz")
    return tmp_path / "keras"


@pytest.fixture
def small_mnist(monkeypatch: pytest.MonkeyPatch) -> bytes:
    """A file of MNIST's layout with 60 + 20 pictures, taken for the real one."""
    pictures = np.random.default_rng(0).integers(0, 256, (80, 28, 28), np.uint8)
    labels = (np.arange(80) % 10).astype(np.uint8)
    file = io.BytesIO()
    np.savez(
        file, x_train=pictures[:60], y_train=labels[:60], x_test=pictures[60:], y_test=labels[60:]
    )
    monkeypatch.setattr(mnist, "_SHA256", hashlib.sha256(file.getvalue()).hexdigest())
    return file.getvalue()


def test_the_test_split_of_mnist_is_the_official_one(keras_home: Path, small_mnist: bytes) -> None:
    path = keras_home / "datasets" / "mnist.npz"
    path.parent.mkdir(parents=True)
    path.write_bytes(small_mnist)
    dataset = load("mnist", "data.validation_fraction=0.3")
    assert sizes(dataset) == [42, 18, 20]
    assert dataset.splits.test.rows.tolist() == list(range(60, 80))
    assert dataset.splits.test.name(0) == "mnist-test[0]"
    assert dataset.splits.train.names[59] == "mnist-train[59]"
    assert dataset.spec.input_shape == (28, 28, 1)
    with np.load(io.BytesIO(small_mnist)) as arrays:
        inputs, targets = dataset.splits.test.gather(np.arange(20))
        np.testing.assert_array_equal(inputs[..., 0], arrays["x_test"])
        np.testing.assert_array_equal(targets, arrays["y_test"])


def test_mnist_is_downloaded_once(
    keras_home: Path, small_mnist: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    origin = tmp_path / "origin.npz"
    origin.write_bytes(small_mnist)
    monkeypatch.setattr(mnist, "_URL", origin.as_uri())
    load("mnist")
    assert [path.name for path in (keras_home / "datasets").iterdir()] == ["mnist.npz"]
    origin.unlink()
    assert sizes(load("mnist")) == [50, 10, 20]  # at least one of each class


def test_another_file_in_the_place_of_mnist_is_named_and_kept(keras_home: Path) -> None:
    path = keras_home / "datasets" / "mnist.npz"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"half a download")
    with pytest.raises(DataError, match=r"datasets/mnist\.npz is not the MNIST file of Keras"):
        load("mnist")
    assert path.read_bytes() == b"half a download"


def test_without_network_the_error_says_where_to_put_the_file(keras_home: Path) -> None:
    with pytest.raises(
        DataError, match=r"not at .*/keras/datasets/mnist\.npz and cannot be .*Connection refused"
    ) as caught:
        load("mnist")
    assert "put it at" in caught.value.hint
    assert not keras_home.exists()


def test_a_download_of_something_else_is_not_kept(
    keras_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "login.html").write_text("please log in")
    monkeypatch.setattr(mnist, "_URL", (tmp_path / "login.html").as_uri())
    with pytest.raises(DataError, match=r"sent is not MNIST: its sha256 is another"):
        load("mnist")
    assert not keras_home.exists()


def test_a_keras_folder_that_cannot_be_written(
    keras_home: Path, small_mnist: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "origin.npz").write_bytes(small_mnist)
    monkeypatch.setattr(mnist, "_URL", (tmp_path / "origin.npz").as_uri())
    keras_home.mkdir()
    (keras_home / "datasets").symlink_to("/proc/nowhere")
    with pytest.raises(DlcliError, match=r"mnist\.npz cannot be written") as caught:
        load("mnist")
    assert "KERAS_HOME" in caught.value.hint


@pytest.mark.shared_data
def test_the_real_mnist_needs_neither_keras_nor_tensorflow(
    shared_data: Path, tmp_path: Path
) -> None:
    datasets = tmp_path / "keras" / "datasets"
    datasets.mkdir(parents=True)
    shutil.copy(shared_data / "keras" / "datasets" / "mnist.npz", datasets)
    code = (
        "import sys\nfrom dlcli import data\nfrom dlcli.recipe import schema\n"
        "dataset = data.load(schema.load('digits-cnn', ['data.source=mnist']))\n"
        "print([len(split) for split in vars(dataset.splits).values()], dataset.spec.input_shape)\n"
        "print({'keras', 'tensorflow', 'sklearn'} & set(sys.modules))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"KERAS_HOME": str(tmp_path / "keras"), "PATH": "", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "[54000, 6000, 10000] (28, 28, 1)\nset()\n"
    assert done.stderr == ""


def test_mackey_glass_is_the_same_everywhere():
    """A golden value: nothing but IEEE's exact operations makes it, and chaos keeps no other."""
    from dlcli.data.builtin import mackey_glass

    values = mackey_glass.compute(1001)
    # While the delayed value is the first one, the equation is solved by hand.
    level = 10 * 0.2 * 1.2 / (1 + 1.2**10)
    assert values[1] == pytest.approx(level + (1.2 - level) * np.exp(-0.1), abs=1e-9)
    assert values[1000] == 0.9464266566009946
    loaded = data.load(schema.load("mackey-glass-lstm"))
    assert len(loaded.splits.test.inputs.values) == 3000


def test_waves_have_their_shapes_and_lengths():
    loaded = data.load(schema.load("waves-lstm"))
    lengths = (~np.isnan(loaded.splits.train.inputs[:, :, 0])).sum(axis=1)
    assert (lengths.min(), lengths.max()) == (30, 60)
    assert loaded.spec.class_names == ("sawtooth", "sine", "square", "triangle")
    assert np.bincount(loaded.splits.train.targets).tolist() == [150] * 4


def test_a_folder_named_like_a_built_in_set_is_not_taken_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert load("digits").spec.warnings == ()
    (tmp_path / "digits").mkdir()
    assert load("digits").spec.warnings == (
        "'digits' is the built-in data set; what is at ./digits is not read. To read that: "
        "--data ./digits",
    )


def idx(values: np.ndarray) -> bytes:
    header = np.array([0x800 + values.ndim, *values.shape], ">u4").tobytes()
    return gzip.compress(header + values.tobytes(), mtime=0)


def test_fashion_mnist_is_read_from_the_folder_of_keras(keras_home: Path) -> None:
    folder = keras_home / "datasets" / "fashion-mnist"
    folder.mkdir(parents=True)
    with pytest.raises(DataError, match=r"Fashion-MNIST is not at .*fashion-mnist/") as caught:
        load("fashion_mnist")
    assert "fashion_mnist.load_data()" in caught.value.hint
    generator = np.random.default_rng(0)
    pictures = {
        part: generator.integers(0, 256, (count, 28, 28), np.uint8)
        for part, count in (("train", 60), ("t10k", 20))
    }
    for part, values in pictures.items():
        labels = (np.arange(len(values)) % 10).astype(np.uint8)
        (folder / f"{part}-images-idx3-ubyte.gz").write_bytes(idx(values))
        (folder / f"{part}-labels-idx1-ubyte.gz").write_bytes(idx(labels))
    dataset = load("fashion_mnist")
    assert sizes(dataset) == [50, 10, 20]
    assert dataset.spec.class_names[9] == "Ankle boot"
    assert dataset.splits.test.name(0) == "fashion-mnist-test[0]"
    inputs, targets = dataset.splits.test.gather(np.arange(20))
    np.testing.assert_array_equal(inputs[..., 0], pictures["t10k"])
    np.testing.assert_array_equal(targets, np.arange(20) % 10)
    wrong = np.array([*np.arange(19) % 10, 10], np.uint8)
    (folder / "t10k-labels-idx1-ubyte.gz").write_bytes(idx(wrong))
    with pytest.raises(DataError, match=r"test split holds label 10 \(fashion-mnist-test\[19\]\)"):
        load("fashion_mnist")


@pytest.mark.parametrize(
    "content",
    [b"no gzip", gzip.compress(b"short and no header", mtime=0), idx(np.zeros((3, 4), np.uint8))],
)
def test_a_damaged_file_of_fashion_mnist_is_named(keras_home: Path, content: bytes) -> None:
    folder = keras_home / "datasets" / "fashion-mnist"
    folder.mkdir(parents=True)
    (folder / "train-images-idx3-ubyte.gz").write_bytes(content)
    with pytest.raises(DataError, match=r"train-images-idx3-ubyte\.gz .* is not that of Fashion"):
        load("fashion_mnist")


def test_reuters_is_read_from_the_folder_of_keras(
    keras_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = keras_home / "datasets"
    folder.mkdir(parents=True)
    words = {"oil": 1, "wheat": 2, "bank": 3}
    (folder / "reuters_word_index.json").write_text(json.dumps(words))
    news = np.empty(40, object)
    news[:] = [[1, 2] if place % 2 else [3] for place in range(40)]
    file = io.BytesIO()
    np.savez(file, x=news, y=np.arange(40) % 2)
    (folder / "reuters.npz").write_bytes(file.getvalue())
    overrides = ["data.source=reuters"]
    with pytest.raises(DataError, match=r"reuters\.npz .* is not its file"):
        data.load(schema.load("text-mean", overrides))
    monkeypatch.setattr(reuters, "_SHA256", hashlib.sha256(file.getvalue()).hexdigest())
    dataset = data.load(schema.load("text-mean", overrides))
    assert dataset.spec.class_names == ("cocoa", "grain")
    train, test = dataset.splits.train, dataset.splits.test
    assert len(test) == 8
    order = np.arange(40)
    np.random.RandomState(113).shuffle(order)
    assert sorted(test.rows) == sorted(order[32:])  # as Keras splits it
    assert {train.inputs[row] for row in train.rows} == {"oil wheat", "bank"}
