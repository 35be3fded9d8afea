"""Handwritten digits, 1,797 pictures of 8 x 8 pixels, bundled with scikit-learn.

Source: UCI Optical Recognition of Handwritten Digits (Alpaydin and Kaynak, 1998), test part.
"""

from __future__ import annotations

import hashlib

import numpy as np

from dlcli.data import DataSet, DataSpec, Split, Splits, image_cache, splits
from dlcli.recipe import Recipe

KIND = "image"

_BRIGHTEST = 16  # the pixels are 0 to 16


def load(recipe: Recipe) -> DataSet:
    """Load the digits at the recipe's image size, with all three splits cut by its seed.

    Args:
        recipe: a recipe for image classification.

    Returns:
        Examples uint8 (height, width, channels), named `digits[0]` to `digits[1796]`.
    """
    from sklearn.datasets import load_digits

    bunch = load_digits()
    pictures = np.rint(bunch.images * (255 / _BRIGHTEST)).astype(np.uint8)  # (1797, 8, 8)
    targets = bunch.target.astype(np.int32)
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
    names = [f"digits[{index}]" for index in range(len(targets))]
    seed = recipe.data.split_seed
    rest, test = splits.stratified(targets, recipe.data.test_fraction, seed, min_kept=2)
    train, validation = splits.stratified(targets[rest], recipe.data.validation_fraction, seed)
    return DataSet(
        Splits(
            train=Split(inputs, targets, rest[train], names),
            validation=Split(inputs, targets, rest[validation], names),
            test=Split(inputs, targets, test, names),
        ),
        DataSpec(
            input_shape=inputs.shape[1:],
            input_dtype="uint8",
            class_names=tuple("0123456789"),
            fingerprint=fingerprint,
        ),
    )
