"""Reviews of films, 25,000 to train on and 25,000 to test, half of each positive.

Source: Maas et al. (2011), "Learning word vectors for sentiment analysis", in the files that
Keras uses: lower case, without punctuation but apostrophes.
"""

from __future__ import annotations

import io
import json

import numpy as np
import polars as pl

from dlcli.data import DataSet, keras_cache, text
from dlcli.data.text import Texts
from dlcli.recipe.sections.text import Data, Preprocessing

KIND = "text"

# As in keras.datasets.imdb, Keras 3.15.1; there the index is checked by its MD5.
_FOLDER = "https://storage.googleapis.com/tensorflow/tf-keras-datasets"
_SHA256 = "69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f"
_NUM_BYTES = 17_464_789
_INDEX_SHA256 = "027313fe9a320280f3bf0fac5baf58c4a683cf39a7ed9c3d3d3912bde4284cf6"
_INDEX_NUM_BYTES = 1_641_221
_CLASS_NAMES = ("negative", "positive")


def load(task: str, data: Data, preprocessing: Preprocessing) -> DataSet:
    """Load the reviews: the official test split, validation cut from train.

    Returns:
        Reviews as words with a space between, named `imdb-train[0]` to `imdb-test[24999]` by
        their places in the file, which Keras shuffles.

    Raises:
        DataError: a file is another one, or there is none and no way to get it.
        DlcliError: the folder of Keras cannot be written.
    """
    index = keras_cache.content(
        "imdb_word_index.json",
        "IMDB word index",
        url=f"{_FOLDER}/imdb_word_index.json",
        sha256=_INDEX_SHA256,
        num_bytes=_INDEX_NUM_BYTES,
    )
    words = {rank: word for word, rank in json.loads(index).items()}
    content = keras_cache.content(
        "imdb.npz", "IMDB", url=f"{_FOLDER}/imdb.npz", sha256=_SHA256, num_bytes=_NUM_BYTES
    )
    # Lists of unequal length are pickled: safe, as the sha256 says that it is the known file.
    with np.load(io.BytesIO(content), allow_pickle=True) as arrays:
        reviews = [*arrays["x_train"], *arrays["x_test"]]
        num_train = len(arrays["x_train"])
        labels = np.concatenate([arrays["y_train"], arrays["y_test"]])
    texts = [" ".join([words[rank] for rank in review]) for review in reviews]
    names = [f"imdb-train[{place}]" for place in range(num_train)]
    names += [f"imdb-test[{place}]" for place in range(len(texts) - num_train)]
    given = {"train": np.arange(num_train), "test": np.arange(num_train, len(texts))}
    return text.dataset(
        Texts(
            pl.Series("text", texts, pl.String),
            pl.Series("label", [_CLASS_NAMES[label] for label in labels], pl.String),
            "imdb",
            names,
            given,
        ),
        task,
        data,
    )
