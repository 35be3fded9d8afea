"""Fashion-MNIST: articles of clothing, 60,000 to train on and 10,000 to test, 28 x 28 pixels.

Source: Xiao, Rasul and Vollgraf (2017), in the files that Keras uses. They are not downloaded.
"""

from __future__ import annotations

import gzip
import io
import zlib

import numpy as np

from dlcli.data import DataSet, built_in_images, keras_cache, splits
from dlcli.errors import DataError
from dlcli.recipe.sections.image import Files, Form

KIND = "image"

_FOLDER = "fashion-mnist"
_HINT = (
    'Get them once with: python -c "import keras; keras.datasets.fashion_mnist.load_data()" '
    "(KERAS_HOME sets the folder)"
)
_SIZE = 28
_MOST_IMAGES = 60_000
_CLASS_NAMES = (
    *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
    *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
)


def load(task: str, data: Files, preprocessing: Form) -> DataSet:
    """Load Fashion-MNIST: the official test split, validation cut from train.

    Returns:
        Examples named `fashion-mnist-train[0]` to `fashion-mnist-test[9999]`.

    Raises:
        DataError: a file is missing or damaged.
        DlcliError: the cache folder cannot be written.
    """
    parts = [
        (_values(f"{part}-images-idx3-ubyte.gz", 3), _values(f"{part}-labels-idx1-ubyte.gz", 1))
        for part in ("train", "t10k")
    ]
    for part, (images, labels) in zip(("train", "t10k"), parts, strict=True):
        if len(images) != len(labels) or images.shape[1:] != (_SIZE, _SIZE):
            raise _damaged(
                f"{part}-images-idx3-ubyte.gz",
                f"images of shape {images.shape} and {len(labels)} labels",
            )
    pictures, targets = (np.concatenate(each) for each in zip(*parts, strict=True))
    num_train, num_test = (len(labels) for _, labels in parts)
    names = [f"fashion-mnist-train[{index}]" for index in range(num_train)]
    names += [f"fashion-mnist-test[{index}]" for index in range(num_test)]
    targets = targets.astype(np.int32)
    train, validation = splits.stratified(
        targets[:num_train], data.validation_fraction, data.split_seed
    )
    rows = (train, validation, np.arange(num_train, len(targets)))
    return built_in_images.dataset(pictures, targets, rows, names, _CLASS_NAMES, preprocessing)


def _values(file_name: str, num_dimensions: int) -> np.ndarray:
    """The uint8 array of an IDX file (http://yann.lecun.com/exdb/mnist), gzipped."""
    data = keras_cache.present(f"{_FOLDER}/{file_name}", "Fashion-MNIST", _HINT)
    largest = 4 + 4 * num_dimensions + _MOST_IMAGES * _SIZE**2
    try:
        with gzip.open(io.BytesIO(data)) as file:
            content = file.read(largest + 1)
    except (OSError, EOFError, zlib.error):
        raise _damaged(file_name, "no whole gzip file") from None
    header = np.frombuffer(content[: 4 + 4 * num_dimensions], ">u4")
    shape = tuple(int(length) for length in header[1:])
    values = np.frombuffer(content, np.uint8, offset=4 + 4 * num_dimensions)
    if header[0] != 0x800 + num_dimensions or len(values) != np.prod(shape, dtype=np.int64):
        raise _damaged(file_name, "another content")
    return values.reshape(shape)


def _damaged(file_name: str, found: str) -> DataError:
    return DataError(
        f"{file_name} in the folder {_FOLDER} of Keras is not that of Fashion-MNIST: "
        f"it holds {found}.",
        f"Move that file away. {_HINT}",
    )
