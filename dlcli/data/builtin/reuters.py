"""News of Reuters in 46 topics, 8,982 to train on and 2,246 to test.

Source: the files that Keras uses, split as Keras splits them. They are not downloaded.
"""

from __future__ import annotations

import hashlib
import io
import json

import numpy as np
import polars as pl

from dlcli.data import DataSet, keras_cache, text
from dlcli.data.text import Texts
from dlcli.errors import DataError
from dlcli.recipe.sections.text import Data, Preprocessing

KIND = "text"

# As in keras.datasets.reuters, Keras 3.15.1.
_SHA256 = "d6586e694ee56d7a4e65172e12b3e987c03096cb01eab99753921ef915959916"
_SEED = 113
_TRAIN_SHARE = 1 - 0.2
_CLASS_NAMES = (
    *("cocoa", "grain", "veg-oil", "earn", "acq", "wheat", "copper", "housing", "money-supply"),
    *("coffee", "sugar", "trade", "reserves", "ship", "cotton", "carcass", "crude", "nat-gas"),
    *("cpi", "money-fx", "interest", "gnp", "meal-feed", "alum", "oilseed", "gold", "tin"),
    *("strategic-metal", "livestock", "retail", "ipi", "iron-steel", "rubber", "heat", "jobs"),
    *("lei", "bop", "zinc", "orange", "pet-chem", "dlr", "gas", "silver", "wpi", "hog", "lead"),
)
_HINT = (
    'Get both once with: python -c "from keras.datasets import reuters; reuters.load_data(); '
    'reuters.get_word_index()" (KERAS_HOME sets the folder)'
)


def load(task: str, data: Data, preprocessing: Preprocessing) -> DataSet:
    """Load the news: the test split of Keras, validation cut from train.

    Returns:
        News as words with a space between, named `reuters[0]` to `reuters[11227]` by their
        places in the file.

    Raises:
        DataError: a file is missing or another one.
    """
    index = json.loads(keras_cache.present("reuters_word_index.json", "Reuters", _HINT))
    words = {rank: word for word, rank in index.items()}
    content = keras_cache.present("reuters.npz", "Reuters", _HINT)
    if hashlib.sha256(content).hexdigest() != _SHA256:
        raise DataError(
            f"reuters.npz in the folder of Keras is not its file: its sha256 is not "
            f"{_SHA256[:12]}...",
            f"Move that file away. {_HINT}",
        )
    # Lists of unequal length are pickled: safe, as the sha256 says that it is the known file.
    with np.load(io.BytesIO(content), allow_pickle=True) as arrays:
        news, labels = arrays["x"], arrays["y"]
    # The shuffle of Keras, so that its test split is ours.
    order = np.arange(len(news))
    np.random.RandomState(_SEED).shuffle(order)
    num_train = int(len(news) * _TRAIN_SHARE)
    texts = [" ".join([words[rank] for rank in each]) for each in news]
    return text.dataset(
        Texts(
            pl.Series("text", texts, pl.String),
            pl.Series("label", [_CLASS_NAMES[label] for label in labels], pl.String),
            "reuters",
            [f"reuters[{place}]" for place in range(len(texts))],
            {"train": np.sort(order[:num_train]), "test": np.sort(order[num_train:])},
        ),
        task,
        data,
    )
