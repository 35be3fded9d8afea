"""Median house values of 20,640 Californian districts, in dollars, from eight measures.

Source: US census of 1990 (Pace and Barry, 1997), in the file that Keras uses. It holds the
raw columns of StatLib, not the averages that the text of Keras names.
"""

from __future__ import annotations

import io

import numpy as np
import polars as pl

from dlcli.data import DataSet, built_in_table, keras_cache
from dlcli.recipe.sections.table import Data, Preprocessing

KIND = "table"

# All as in keras.datasets.california_housing.load_data, Keras 3.15.1.
_URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/california_housing.npz"
_SHA256 = "1a2e3a52e0398de6463aebe6f4a8da34fb21fbb6b934cf88c3425e766f2a1a6f"
_NUM_BYTES = 743_530
_SHUFFLE_SEED = 113
_TEST_FRACTION = 0.2

_COLUMNS = (
    "longitude", "latitude", "housing_median_age", "total_rooms", "total_bedrooms", "population",
    "households", "median_income",
)  # fmt: skip


def load(task: str, data: Data, preprocessing: Preprocessing) -> DataSet:
    """Load the districts with the test split of Keras; validation is cut from the rest.

    Raises:
        DataError: the file is another one, or there is none and no way to get it.
        DlcliError: the folder of Keras cannot be written.
    """
    content = keras_cache.content(
        "california_housing.npz",
        "California housing",
        url=_URL,
        sha256=_SHA256,
        num_bytes=_NUM_BYTES,
    )
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        features, values = arrays["x"], arrays["y"]
    order = np.arange(len(values))
    np.random.RandomState(_SHUFFLE_SEED).shuffle(order)  # a stream that NumPy keeps as it is
    features, values = features[order], values[order]
    frame = pl.DataFrame(
        {name: features[:, place] for place, name in enumerate(_COLUMNS)}
        | {"median_house_value": values}
    )
    num_train = int(len(values) * (1 - _TEST_FRACTION))
    return built_in_table.made(
        "california_housing", frame, "median_house_value", task, data, preprocessing, num_train
    )
