"""MNIST: handwritten digits, 60,000 to train on and 10,000 to test, 28 x 28 pixels.

Source: LeCun, Cortes and Burges (1998), in the file that Keras uses.
"""

from __future__ import annotations

import io

import numpy as np

from dlcli.data import DataSet, built_in_images, keras_cache, splits
from dlcli.recipe.sections.image import Files, Form

KIND = "image"

# Both as in keras.datasets.mnist.load_data, Keras 3.15.1.
_URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
_SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"
_NUM_BYTES = 11_490_434


def load(task: str, data: Files, preprocessing: Form) -> DataSet:
    """Load MNIST: the official test split, validation cut from train.

    Returns:
        Examples named `mnist-train[0]` to `mnist-test[9999]`.

    Raises:
        DataError: the file is another one, or there is none and no way to get it.
        DlcliError: the folder of Keras or the cache folder cannot be written.
    """
    content = keras_cache.content(
        "mnist.npz", "MNIST", url=_URL, sha256=_SHA256, num_bytes=_NUM_BYTES
    )
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        pictures = np.concatenate([arrays["x_train"], arrays["x_test"]])  # (70000, 28, 28)
        targets = np.concatenate([arrays["y_train"], arrays["y_test"]]).astype(np.int32)
        num_train = len(arrays["y_train"])
    names = [f"mnist-train[{index}]" for index in range(num_train)]
    names += [f"mnist-test[{index}]" for index in range(len(targets) - num_train)]
    train, validation = splits.stratified(
        targets[:num_train], data.validation_fraction, data.split_seed
    )
    rows = (train, validation, np.arange(num_train, len(targets)))
    class_names = tuple("0123456789")
    return built_in_images.dataset(pictures, targets, rows, names, class_names, preprocessing)
