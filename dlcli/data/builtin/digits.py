"""Handwritten digits, 1,797 pictures of 8 x 8 pixels, bundled with scikit-learn.

Source: UCI Optical Recognition of Handwritten Digits (Alpaydin and Kaynak, 1998), test part.
"""

from __future__ import annotations

import numpy as np

from dlcli.data import DataSet, built_in_images, splits
from dlcli.recipe.schema import Recipe

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
    names = [f"digits[{index}]" for index in range(len(targets))]
    seed = recipe.data.split_seed
    rest, test = splits.stratified(targets, recipe.data.test_fraction, seed, min_kept=2)
    train, validation = splits.stratified(targets[rest], recipe.data.validation_fraction, seed)
    rows = (rest[train], rest[validation], test)
    class_names = tuple("0123456789")
    return built_in_images.dataset(pictures, targets, rows, names, class_names, recipe)
