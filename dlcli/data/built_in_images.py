"""Pictures that come as one array: what the built-in sets of images share."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from dlcli.data import DataSet, DataSpec, Split, Splits, image_cache
from dlcli.recipe.schema import Recipe


def dataset(
    pictures: np.ndarray,
    targets: np.ndarray,
    rows: tuple[np.ndarray, np.ndarray, np.ndarray],
    names: Sequence[str],
    class_names: tuple[str, ...],
    recipe: Recipe,
) -> DataSet:
    """Bring pictures to the recipe's size and put them into splits.

    Args:
        pictures: uint8 (num_pictures, height, width).
        targets: (num_pictures,) int32 class indices.
        rows: positions of the train, validation and test split.
        names: what to call each picture.
        class_names: one a class.
        recipe: its `preprocessing` section is read.
    """
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
    train, validation, test = (Split(inputs, targets, positions, names) for positions in rows)
    return DataSet(
        Splits(train, validation, test),
        DataSpec(
            input_shape=inputs.shape[1:],
            input_dtype="uint8",
            class_names=class_names,
            fingerprint=fingerprint,
        ),
    )
