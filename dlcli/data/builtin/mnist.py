"""MNIST: handwritten digits, 60,000 to train on and 10,000 to test, 28 x 28 pixels.

Source: LeCun, Cortes and Burges (1998), in the file that Keras uses. It is looked
for where Keras keeps it and downloaded like Keras does, but without importing
TensorFlow, and a file that is there already is never replaced or deleted.
"""

from __future__ import annotations

import hashlib
import http.client
import io
import os
import urllib.request
from pathlib import Path

import numpy as np

from dlcli.data import DataSet, DataSpec, Split, Splits, image_cache, splits
from dlcli.errors import DataError, DlcliError
from dlcli.recipe import Recipe

# Both as in keras.datasets.mnist.load_data, Keras 3.15.1.
_URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
_SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"
_NUM_BYTES = 11_490_434
_TIMEOUT_SECONDS = 30


def load(recipe: Recipe) -> DataSet:
    """Load MNIST at the recipe's image size: the official test split, validation cut from train.

    Args:
        recipe: a recipe for image classification; its `data.test_fraction` is not used.

    Returns:
        Examples uint8 (height, width, channels), named `mnist-train[0]` to
        `mnist-test[9999]`.

    Raises:
        DataError: the file is another one, or there is none and no way to get it.
        DlcliError: the folder of Keras or the cache folder cannot be written.
    """
    with np.load(io.BytesIO(_content()), allow_pickle=False) as arrays:
        pictures = np.concatenate([arrays["x_train"], arrays["x_test"]])  # (70000, 28, 28)
        targets = np.concatenate([arrays["y_train"], arrays["y_test"]]).astype(np.int32)
        num_train = len(arrays["y_train"])
    sha256 = hashlib.sha256(pictures.data)
    sha256.update(targets.data)
    fingerprint = sha256.hexdigest()
    inputs = image_cache.fitted(
        pictures,
        fingerprint,
        image_size=recipe.preprocessing.image_size,
        color_mode=recipe.preprocessing.color_mode,
        resize=recipe.preprocessing.resize,
    )
    names = [f"mnist-train[{index}]" for index in range(num_train)]
    names += [f"mnist-test[{index}]" for index in range(len(targets) - num_train)]
    train, validation = splits.stratified(
        targets[:num_train], recipe.data.validation_fraction, recipe.data.split_seed
    )
    return DataSet(
        Splits(
            train=Split(inputs, targets, train, names),
            validation=Split(inputs, targets, validation, names),
            test=Split(inputs, targets, np.arange(num_train, len(targets)), names),
        ),
        DataSpec(
            input_shape=inputs.shape[1:],
            input_dtype="uint8",
            class_names=tuple("0123456789"),
            fingerprint=fingerprint,
        ),
    )


def _content() -> bytes:
    """The checked content of mnist.npz, downloaded if it is not in the folder of Keras."""
    home = os.environ.get("KERAS_HOME")
    path = (Path(home) if home else Path("~/.keras").expanduser()) / "datasets" / "mnist.npz"
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return _downloaded(path)
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from None
    if hashlib.sha256(data).hexdigest() != _SHA256:
        raise DataError(
            f"{path} is not the MNIST file of Keras: its sha256 is not {_SHA256[:12]}...",
            "Move that file away; it is then downloaded again.",
        )
    return data


def _downloaded(path: Path) -> bytes:
    by_hand = f"Download {_URL} elsewhere and put it at {path} (KERAS_HOME sets the folder)."
    try:
        with urllib.request.urlopen(_URL, timeout=_TIMEOUT_SECONDS) as response:
            # No more than that: what is longer is not MNIST.
            data: bytes = response.read(_NUM_BYTES + 1)
    except (OSError, http.client.HTTPException) as error:
        cause = getattr(error, "reason", error)
        raise DataError(
            f"MNIST is not at {path} and cannot be downloaded: "
            f"{getattr(cause, 'strerror', None) or cause}.",
            by_hand,
        ) from None
    if hashlib.sha256(data).hexdigest() != _SHA256:
        raise DataError(f"what {_URL} sent is not MNIST: its sha256 is another.", by_hand)
    aside = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside.write_bytes(data)
        aside.replace(path)
    except OSError as error:
        raise DlcliError(
            f"{path} cannot be written: {error.strerror}.",
            "Make room or give access there, or set KERAS_HOME to another folder.",
        ) from None
    return data
